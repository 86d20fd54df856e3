import type { Learned } from "./experience.ts";
import type { Timeouts } from "./model.ts";

/** Tokens a second that nothing worth using falls below. */
const SLOWEST_PREFILL = 5;
const SLOWEST_DECODE = 0.5;
/** Measured on an idle machine; others may be using it now. */
const ALLOWANCE = 5;
const SHORTEST_FIRST_TOKEN_MS = 120_000;
/** Before anything was measured: the first request may have to wait for the model to be loaded. */
const UNMEASURED_FIRST_TOKEN_MS = 600_000;
const SHORTEST_STALL_MS = 120_000;
/** Tokens that may be late together: some engines send several at once. */
const STALLED_TOKENS = 60;

/** Limits for a model on somebody's own hardware: long enough for what it has shown, so that slow is never taken for dead. */
export function hardwareTimeouts({ promptPerSecond, tokensPerSecond }: Learned, promptTokens: number): Timeouts {
  const reading = (promptTokens / (promptPerSecond ?? SLOWEST_PREFILL)) * 1000;
  const firstTokenMs =
    promptPerSecond === undefined
      ? Math.max(UNMEASURED_FIRST_TOKEN_MS, reading + SHORTEST_FIRST_TOKEN_MS)
      : Math.max(SHORTEST_FIRST_TOKEN_MS, ALLOWANCE * reading);
  const stallMs = Math.max(SHORTEST_STALL_MS, (STALLED_TOKENS / (tokensPerSecond ?? SLOWEST_DECODE)) * 1000);
  return { firstTokenMs: Math.ceil(firstTokenMs), stallMs: Math.ceil(stallMs) };
}
