import { isLoopback } from "../models/http/loopback.ts";
import type { Engine, EngineKind, EngineModel, Slots } from "../models/engines/engine.ts";
import { type Fit, fitOf, memoryNeed, type MemoryNeed } from "../models/engines/memory-need.ts";

/** Whether an engine's memory is that of this machine. */
export function isHere({ origin }: Engine): boolean {
  return origin === "embedded:" || isLoopback(new URL(origin).hostname);
}

/** Tokens of a lane of the embedded engine where nobody asked for more or fewer. */
const LANE_TOKENS = 8_192;

/** Tokens of one call as the model is loaded, or would be; nothing where only its engine knows. */
export function usualContext(kind: EngineKind, { contextLoaded, contextTrained }: EngineModel): number | undefined {
  if (contextLoaded !== undefined || kind !== "embedded") return contextLoaded?.value;
  return Math.min(LANE_TOKENS, contextTrained?.value ?? LANE_TOKENS);
}

export interface ModelFit {
  readonly need: MemoryNeed;
  /** Absent for engines elsewhere: nobody knows their memory. */
  readonly fit?: Fit;
}

/**
 * What a model needs on its engine, and whether this machine has it.
 * @param wanted tokens and slots where they are not as loaded now
 */
export function modelFit(
  engine: Engine,
  model: EngineModel,
  { memoryBytes, slots, contextTokens }: { readonly memoryBytes: number; readonly slots?: Slots; readonly contextTokens?: number },
): ModelFit | undefined {
  const context = contextTokens ?? usualContext(engine.kind, model);
  // Where slots share a pool, the pool is the context.
  const need = memoryNeed(model, slots?.poolTokens?.value ?? context, slots?.poolTokens === undefined ? (slots?.slots.value ?? 1) : 1);
  if (need === undefined) return undefined;
  return isHere(engine) ? { need, fit: fitOf(need, memoryBytes) } : { need };
}
