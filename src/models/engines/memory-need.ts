import type { EngineModel } from "./engine.ts";

/** What a model takes in memory, by arithmetic. */
export interface MemoryNeed {
  readonly weightsBytes: number;
  /** Of keys and values for all of its context; absent where nobody tells what a token takes. */
  readonly contextBytes?: number;
  /** How `contextBytes` was reckoned, for people. */
  readonly tokens?: { readonly bytesPerToken: number; readonly context: number; readonly slots: number };
  /** All that is known of it. */
  readonly totalBytes: number;
}

/**
 * @param contextTokens of one slot
 * @param slots with a context of their own each
 * @returns undefined where the size of its weights is not known
 */
export function memoryNeed(model: EngineModel, contextTokens: number | undefined, slots: number): MemoryNeed | undefined {
  const weightsBytes = model.sizeBytes?.value;
  if (weightsBytes === undefined) return undefined;
  const bytesPerToken = model.contextBytesPerToken?.value;
  if (bytesPerToken === undefined || contextTokens === undefined) return { weightsBytes, totalBytes: weightsBytes };
  const contextBytes = bytesPerToken * contextTokens * slots;
  return { weightsBytes, contextBytes, tokens: { bytesPerToken, context: contextTokens, slots }, totalBytes: weightsBytes + contextBytes };
}

/** Of a machine's memory, what its system and other programs need at least. */
const REST_BYTES = 2 ** 30;

/**
 * `never`: the weights alone are more than all memory there is, so that no setting helps. `tight`: by arithmetic it leaves too little for
 * everything else; what lies in a graphics card we cannot see may save it.
 */
export type Fit = "fits" | "tight" | "never";

/** @param memoryBytes of the machine, and of its graphics cards where those are known */
export function fitOf({ weightsBytes, totalBytes }: MemoryNeed, memoryBytes: number): Fit {
  if (weightsBytes > memoryBytes) return "never";
  return totalBytes + REST_BYTES > memoryBytes ? "tight" : "fits";
}
