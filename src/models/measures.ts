/**
 * What an engine tells of a call besides what the model says. Backends bring it into this shape and put it into the field `massgen` of a raw
 * chunk; a chunk with an empty one says only that the engine is alive.
 */
export interface Measures {
  readonly prefill?: { readonly processed: number; readonly total: number };
  /** Tokens a second, those from a cache not counted. */
  readonly promptPerSecond?: number;
  /** An unknown part of the prompt was in a cache: how soon the first token came says nothing of its speed. */
  readonly cachedUntold?: boolean;
  /** Tokens a second. */
  readonly tokensPerSecond?: number;
  readonly loadMs?: number;
}

/** The measures in the value of a raw part, if it has any. */
export function measuresIn(raw: unknown): Measures | undefined {
  if (typeof raw !== "object" || raw === null || !("massgen" in raw)) return undefined;
  const { massgen } = raw;
  return typeof massgen === "object" && massgen !== null ? massgen : undefined;
}
