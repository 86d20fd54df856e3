import type { ToolCall } from "../core/facts/outcome.ts";
import { essenceOfCall } from "../core/tool-rounds.ts";

/** In characters. A text must have repeated itself for this long, exactly, before it counts as a loop: no table or list does. */
const LOOKED_AT = 4_096;
const CHECKED_EVERY = 512;
const LONGEST_PERIOD = 512;
/** How much of the end must come again for its distance to be tried as a period. */
const PROBE = 24;
const MOST_PERIODS_TRIED = 8;

/** Watches a text that comes in deltas for an end that repeats itself. Takes constant time for each character. */
export interface LoopWatch {
  /** Says, once it is certain, how many characters one turn of the loop has. */
  add(delta: string): number | undefined;
}

export function createLoopWatch(): LoopWatch {
  let tail = "";
  let recent = "";
  return {
    add(delta) {
      recent += delta;
      if (recent.length < CHECKED_EVERY) return undefined;
      tail = (tail + recent).slice(-LOOKED_AT);
      recent = "";
      return tail.length < LOOKED_AT ? undefined : periodOf(tail);
    },
  };
}

function periodOf(text: string): number | undefined {
  const probe = text.slice(-PROBE);
  const last = text.length - PROBE;
  for (let at = last, tried = 0; tried < MOST_PERIODS_TRIED; tried += 1) {
    at = text.lastIndexOf(probe, at - 1);
    const period = last - at;
    if (at === -1 || period > LONGEST_PERIOD) return undefined;
    if (text.slice(period) === text.slice(0, -period) && isSaying(text.slice(-period))) return period;
  }
  return undefined;
}

/** Rules, paddings and rows of zeros repeat themselves too, and are meant. */
function isSaying(turn: string): boolean {
  return /\p{L}{2}/u.test(turn);
}

/** A text without the turns of the loop it ends in, but the first. */
export function withoutLoop(text: string, period: number): string {
  let end = text.length;
  while (end > period && text[end - 1] === text[end - 1 - period]) end -= 1;
  return text.slice(0, end);
}

/** A model that makes the same call so often in one reply would never stop. */
const SAME_CALLS = 3;

/** Whether one call is there three times; the order of its arguments does not matter. */
export function isCallLoop(calls: readonly ToolCall[]): boolean {
  if (calls.length < SAME_CALLS) return false;
  const counts = new Map<string, number>();
  for (const made of calls) {
    const call = essenceOfCall(made);
    const count = (counts.get(call) ?? 0) + 1;
    if (count === SAME_CALLS) return true;
    counts.set(call, count);
  }
  return false;
}
