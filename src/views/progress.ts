import { evolve } from "../core/evolve.ts";
import { CHARACTERS_PER_TOKEN } from "../core/bounds.ts";
import type { FactOf, RunEvent } from "../core/facts.ts";
import type { RunState } from "../core/state.ts";

/** What a model sends while a call is open. */
export type ViewDelta =
  | { readonly type: "started" }
  | { readonly type: "loading"; readonly fraction?: number }
  | { readonly type: "prefill"; readonly processed: number; readonly total: number }
  | { readonly type: "text" | "reasoning"; readonly text: string }
  | { readonly type: "activity"; readonly tool: string; readonly input: string };

/** What somebody who watches a run sees. `at` of a delta: when it came, in milliseconds since the epoch. */
export type ViewFrame =
  | { readonly type: "event"; readonly event: RunEvent }
  | { readonly type: "delta"; readonly callId: string; readonly at: number; readonly delta: ViewDelta };

/** When a call was asked for, left the queue and settled, in milliseconds since the epoch. */
export interface CallTimes {
  readonly requestedAt: number;
  readonly startedAt?: number;
  readonly settledAt?: number;
}

/**
 * What an open call was last seen at. `part` is from 0 to 1, absent where the engine does not tell; `tokens` are estimated, without those
 * that came at `since`.
 */
export type Activity =
  | { readonly type: "loading" | "prefill"; readonly part?: number }
  | { readonly type: "writing"; readonly since: number; readonly until: number; readonly tokens: number };

/** A run as far as it was seen. Deltas touch `activities` alone, and a call leaves that when it settles. */
export interface Progress {
  readonly state?: RunState;
  readonly times: ReadonlyMap<string, CallTimes>;
  readonly activities: ReadonlyMap<string, Activity>;
  readonly notices: readonly FactOf<"notice">[];
}

export const noProgress: Progress = { times: new Map(), activities: new Map(), notices: [] };

export function progressOf(progress: Progress, frame: ViewFrame): Progress {
  return frame.type === "event" ? withEvent(progress, frame.event) : withDelta(progress, frame);
}

function withEvent(progress: Progress, event: RunEvent): Progress {
  const state = evolve(progress.state, event);
  const told = state === undefined ? progress : { ...progress, state };
  switch (event.type) {
    case "call-requested":
      return withTimes(told, event.callId, { requestedAt: event.at });
    case "call-started":
      return withTimes(told, event.callId, { requestedAt: event.at, ...told.times.get(event.callId), startedAt: event.at });
    case "call-settled": {
      const activities = new Map(told.activities);
      activities.delete(event.callId);
      return withTimes({ ...told, activities }, event.callId, {
        requestedAt: event.at,
        ...told.times.get(event.callId),
        settledAt: event.at,
      });
    }
    case "notice":
      return { ...told, notices: [...told.notices, event] };
    default:
      return told;
  }
}

function withTimes(progress: Progress, callId: string, times: CallTimes): Progress {
  return { ...progress, times: new Map(progress.times).set(callId, times) };
}

function withDelta(progress: Progress, { callId, at, delta }: Extract<ViewFrame, { type: "delta" }>): Progress {
  if (progress.state?.openCalls.includes(callId) !== true) return progress;
  const activity = activityOf(delta, at, progress.activities.get(callId));
  return activity === undefined ? progress : { ...progress, activities: new Map(progress.activities).set(callId, activity) };
}

function activityOf(delta: ViewDelta, at: number, before: Activity | undefined): Activity | undefined {
  switch (delta.type) {
    case "started":
    case "activity":
      return undefined;
    case "loading":
      return { type: "loading", ...partOf(delta.fraction) };
    case "prefill":
      return { type: "prefill", ...partOf(delta.processed / delta.total) };
    case "text":
    case "reasoning": {
      if (before?.type !== "writing") return { type: "writing", since: at, until: at, tokens: 0 };
      return { ...before, until: at, tokens: before.tokens + delta.text.length / CHARACTERS_PER_TOKEN };
    }
  }
}

/** Engines tell more than there is, or of nothing at all. */
function partOf(part: number | undefined): { readonly part?: number } {
  return part === undefined || !Number.isFinite(part) ? {} : { part: Math.min(1, Math.max(0, part)) };
}
