import type { Speed } from "./measure-speed.ts";

/** What the measurements speak for. */
export interface Proposal {
  /** Calls at once with which the drafts of a council are over soonest. */
  readonly parallel: number;
  /** Milliseconds that its drafts take with so many, and one after the other. */
  readonly draftsMs: number;
  readonly oneByOneMs: number;
  /** The most that was measured: more might be faster still. */
  readonly isMost: boolean;
}

/** A council of three, and what a draft is taken to be. */
export const DRAFTS = 3;
export const DRAFT_PROMPT_TOKENS = 300;
export const DRAFT_TOKENS = 400;
/** Of its time, how much a setting has to save before it is worth naming. */
const WORTHWHILE = 0.05;

/**
 * Computes from measured speeds what the drafts of a council of three take with each number of calls at once, and names the best.
 * @param speeds with one call at once first
 * @returns undefined where too little could be measured
 */
export function proposeSettings(speeds: readonly Speed[]): Proposal | undefined {
  const times = speeds.flatMap((speed) => {
    const ms = draftsMs(speed);
    return ms === undefined ? [] : [{ calls: speed.calls, ms }];
  });
  const [one] = times;
  if (one === undefined || one.calls !== 1) return undefined;
  // Fewer calls at once leave more context to each, so more of them have to save something.
  const best = times.reduce((chosen, time) => (time.ms < chosen.ms * (1 - WORTHWHILE) ? time : chosen));
  const most = Math.max(...speeds.map(({ calls }) => calls));
  return { parallel: best.calls, draftsMs: best.ms, oneByOneMs: one.ms, isMost: best.calls === most && most < DRAFTS };
}

/** The drafts in groups of so many, each as fast as it was with so many at once. */
function draftsMs({ calls, promptPerSecond, tokensPerSecond }: Speed): number | undefined {
  if (promptPerSecond === undefined || tokensPerSecond === undefined) return undefined;
  const each = DRAFT_PROMPT_TOKENS / promptPerSecond + DRAFT_TOKENS / tokensPerSecond;
  return Math.ceil(DRAFTS / calls) * each * 1_000;
}
