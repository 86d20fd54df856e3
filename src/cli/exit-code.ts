import type { RunEnded } from "../core/facts/run.ts";

export const DEGRADED = 5;

/** 0 only with an answer. `strict` makes a degraded answer 5. */
export function exitCodeOf({ answer, outcome, degraded }: RunEnded, strict: boolean): number {
  if (answer !== null) return strict && degraded !== null ? DEGRADED : 0;
  return withoutAnswer[outcome];
}

const withoutAnswer: Readonly<Record<RunEnded["outcome"], number>> = {
  consensus: 2,
  single: 2,
  failed: 2,
  "out-of-time": 3,
  "out-of-tokens": 3,
  stopped: 4,
};
