import type { Timing, Usage } from "../core/facts/outcome.ts";
import type { Clock } from "./clock.ts";
import type { Measures } from "./measures.ts";

/** Fewer tokens say little about a speed. */
const FEWEST_TOKENS = 8;
/** A prompt read faster than this was mostly in a cache nobody told of. */
const SHORTEST_READING_MS = 50;

/** Takes the times of one call. */
export interface Stopwatch {
  loading(): void;
  loaded(): void;
  sent(): void;
  /** The model said something. */
  said(): void;
  /** What the engine reported goes before what we measured. Nothing where the model was neither loaded nor said anything. */
  timing(usage: Usage, reported: Measures): Timing | undefined;
}

export function createStopwatch(clock: Clock): Stopwatch {
  const at: { loading?: number; loaded?: number; sent?: number; first?: number; last?: number } = {};
  const between = (from: number | undefined, to: number | undefined): number | undefined =>
    from === undefined || to === undefined ? undefined : to - from;
  return {
    loading: () => void (at.loading = clock.now()),
    loaded: () => void (at.loaded = clock.now()),
    sent: () => void (at.sent = clock.now()),
    said() {
      at.last = clock.now();
      at.first ??= at.last;
    },
    timing(usage, reported) {
      const firstTokenMs = between(at.sent, at.first);
      const loadMs = reported.loadMs ?? between(at.loading, at.loaded);
      if (firstTokenMs === undefined && loadMs === undefined) return undefined;
      const promptPerSecond = reported.promptPerSecond ?? perSecond(tokensRead(usage, reported), firstTokenMs, SHORTEST_READING_MS);
      const tokensPerSecond = reported.tokensPerSecond ?? perSecond(usage.outputTokens - 1, between(at.first, at.last), 1);
      return {
        ...(loadMs === undefined ? {} : { loadMs: Math.round(loadMs) }),
        ...(firstTokenMs === undefined ? {} : { firstTokenMs: Math.round(firstTokenMs) }),
        ...(promptPerSecond === undefined ? {} : { promptPerSecond }),
        ...(tokensPerSecond === undefined ? {} : { tokensPerSecond }),
        reported: reported.tokensPerSecond !== undefined,
      };
    },
  };
}

/** Of the prompt, without what came from a cache; none where nobody knows. */
function tokensRead({ inputTokens, cachedInputTokens = 0, estimated }: Usage, { cachedUntold }: Measures): number {
  return estimated || cachedUntold === true ? 0 : inputTokens - cachedInputTokens;
}

function perSecond(tokens: number, ms: number | undefined, shortestMs: number): number | undefined {
  return ms === undefined || ms < shortestMs || tokens < FEWEST_TOKENS ? undefined : (tokens * 1000) / ms;
}
