import type { Prompt } from "../core/messages.ts";
import type { CouncilModel } from "./model.ts";

/** Our estimate is never wrong by more than this: a prompt that fits all the same need not be counted. */
const WORST_ESTIMATE = 2;

/** Counting takes milliseconds, on a machine that computes a little longer; no call waits for more, in milliseconds. */
const LONGEST_COUNT_MS = 30_000;

/** Thrown before anything is sent; both numbers are in the message. */
export class ContextOverflowError extends Error {
  override readonly name = "ContextOverflowError";
  readonly promptTokens: number;
  readonly contextTokens: number;

  constructor(promptTokens: number, contextTokens: number) {
    super(`The prompt of ${promptTokens} tokens exceeds the available context size (${contextTokens} tokens).`);
    this.promptTokens = promptTokens;
    this.contextTokens = contextTokens;
  }
}

/**
 * Has the engine count a prompt that might be too long for it.
 * @param estimate tokens of the prompt
 * @returns the count; undefined where nobody had to, or could, count
 * @throws ContextOverflowError when prompt and one token of output do not fit
 */
export async function countIfTight(
  { contextTokens, countTokens }: CouncilModel,
  { messages, maxOutputTokens, tools }: Prompt,
  estimate: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (contextTokens === undefined || countTokens === undefined) return undefined;
  // Nobody counts images before they are read, and engines count messages alone.
  if (tools !== undefined || messages.some((message) => message.role === "user" && message.attachments !== undefined)) return undefined;
  if (estimate * WORST_ESTIMATE + maxOutputTokens <= contextTokens) return undefined;
  const within = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_COUNT_MS)]);
  const counted = await countTokens(messages, within).catch(() => undefined);
  if (counted !== undefined && counted >= contextTokens) throw new ContextOverflowError(counted, contextTokens);
  return counted;
}

/** Asks for no more output than there is room for: some engines refuse the call, others forget its beginning. */
export function fitted(prompt: Prompt, { contextTokens }: CouncilModel, countedTokens: number | undefined): Prompt {
  if (contextTokens === undefined || countedTokens === undefined) return prompt;
  return { ...prompt, maxOutputTokens: Math.max(1, Math.min(prompt.maxOutputTokens, contextTokens - countedTokens)) };
}
