import type { Json } from "../../backends/chatcompletion/wire.ts";
import type { Measures } from "../../measures.ts";
import { count } from "../sourced.ts";

/** Looking up a model that is in memory takes up to 0.4 s on a busy machine (measured). */
const SHORTEST_LOAD_MS = 1000;
/** A prompt that is wholly in the cache takes up to 35 ms, however long it is (measured). */
const SHORTEST_READING_MS = 50;
const FEWEST_TOKENS = 32;
/** How much faster than at its slowest a machine may read when it has nothing else to do. */
const SPREAD = 2;

/** The speeds of one model, as the last lines of its replies tell them. */
export interface CallSpeeds {
  /** What the last line of a reply says of the call. */
  measure(last: Json): Measures;
  /** Milliseconds that reading this many tokens takes at most; undefined before anything was measured. */
  readingMs(tokens: number): number | undefined;
}

/**
 * The count is of the whole prompt, the time only of what was not in the cache, and nothing tells how much that was. But a cache can only
 * make reading look faster: what is more than twice as fast as the slowest reading so far is no measurement, nor is what took no time.
 */
export function createCallSpeeds(): CallSpeeds {
  let slowest = Infinity;
  return {
    measure({ prompt_eval_count: read, prompt_eval_duration: reading, eval_count: written, eval_duration: writing, load_duration: load }) {
      const loadMs = (count(load) ?? 0) / 1_000_000;
      const speed = (count(reading) ?? 0) / 1_000_000 < SHORTEST_READING_MS ? undefined : perSecond(read, reading, FEWEST_TOKENS);
      slowest = Math.min(slowest, speed ?? Infinity);
      const tokensPerSecond = perSecond(written, writing, 1);
      return {
        ...(speed === undefined || speed > slowest * SPREAD ? { cachedUntold: true } : { promptPerSecond: speed }),
        ...(tokensPerSecond === undefined ? {} : { tokensPerSecond }),
        ...(loadMs < SHORTEST_LOAD_MS ? {} : { loadMs }),
      };
    },
    readingMs: (tokens) => (slowest === Infinity ? undefined : (tokens * 1000) / slowest),
  };
}

/** Times are in nanoseconds. */
function perSecond(tokens: unknown, time: unknown, fewest: number): number | undefined {
  const [many, nanoseconds] = [count(tokens), count(time)];
  return many === undefined || nanoseconds === undefined || many < fewest ? undefined : (many * 1_000_000_000) / nanoseconds;
}
