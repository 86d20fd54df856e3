import type { EngineModel } from "../engine.ts";

/** Tokens in which a question, the answers of a few agents and a new one have room; Ollama's own 4,096 are too few for that. */
export const ROOMY_CONTEXT = 8192;

/**
 * The context that all calls of a model ask for: what the config wants, else what is in memory where that is roomy, else a roomy one; never
 * more than the model was trained for, which Ollama would not give either. It is the same whether the model is in memory or not, and the
 * same for every call, because another one makes Ollama read the model into memory again.
 */
export function roomyContext({ contextTrained, contextLoaded }: EngineModel, wanted: number | undefined): number {
  const tokens = wanted ?? Math.max(contextLoaded?.value ?? 0, ROOMY_CONTEXT);
  return Math.min(tokens, contextTrained?.value ?? Infinity);
}
