import type { GgufHeader } from "../../files/gguf-header.ts";

const USUAL_TOKENS = 8192;
const LEAST_TOKENS = 1024;
/** The engine rounds a context up to this. */
const STEP_TOKENS = 256;
/** Of the free memory, how much the contexts may take: the weights and everything else need the rest. */
const SHARE_OF_MEMORY = 0.4;

export interface ContextWish {
  readonly header: GgufHeader;
  readonly lanes: number;
  readonly freeBytes: number;
  /** What a person asked for; taken as it is, up to what the model was trained on. */
  readonly tokens?: number;
}

/** Tokens of one lane: what the model was trained on, by default at most 8,192, and no more than the memory carries. */
export function contextSize({ header, lanes, freeBytes, tokens }: ContextWish): number {
  const trained = header.contextTokens ?? USUAL_TOKENS;
  if (tokens !== undefined) return Math.min(trained, tokens);
  const perToken = header.contextBytesPerToken ?? 0;
  const carried = perToken === 0 ? USUAL_TOKENS : (freeBytes * SHARE_OF_MEMORY) / (perToken * lanes);
  const rounded = Math.floor(Math.min(USUAL_TOKENS, carried) / STEP_TOKENS) * STEP_TOKENS;
  return Math.min(trained, Math.max(rounded, LEAST_TOKENS));
}
