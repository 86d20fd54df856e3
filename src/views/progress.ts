import { evolve } from "../core/evolve.ts";
import { currentAnswers } from "../core/answers.ts";
import { CHARACTERS_PER_TOKEN } from "../core/bounds.ts";
import type { FactOf, RunEvent } from "../core/facts.ts";
import type { Purpose } from "../core/facts/effects.ts";
import type { AgentState, Answer, RunState } from "../core/state.ts";

/** What somebody who watches a run sees. `at` of a delta: when it came, in milliseconds since the epoch. */
export type ViewFrame =
  | { readonly type: "event"; readonly event: RunEvent }
  | {
      readonly type: "delta";
      readonly callId: string;
      readonly at: number;
      readonly delta: { readonly type: string; readonly text?: string };
    };

/** When a call was asked for, left the queue and settled, in milliseconds since the epoch. */
export interface CallTimes {
  readonly requestedAt: number;
  readonly startedAt?: number;
  readonly settledAt?: number;
}

/** What an open call has written so far, estimated from its deltas. */
interface Writing {
  readonly since: number;
  readonly until: number;
  readonly tokens: number;
}

/** A run as far as it was seen. Deltas touch `writing` alone, and a call leaves that when it settles. */
export interface Progress {
  readonly state?: RunState;
  readonly times: ReadonlyMap<string, CallTimes>;
  readonly writing: ReadonlyMap<string, Writing>;
  readonly notices: readonly FactOf<"notice">[];
}

export const noProgress: Progress = { times: new Map(), writing: new Map(), notices: [] };

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
      const writing = new Map(told.writing);
      writing.delete(event.callId);
      return withTimes({ ...told, writing }, event.callId, { requestedAt: event.at, ...told.times.get(event.callId), settledAt: event.at });
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
  if (delta.text === undefined || progress.state?.openCalls.includes(callId) !== true) return progress;
  const before = progress.writing.get(callId);
  const tokens = (before?.tokens ?? 0) + delta.text.length / CHARACTERS_PER_TOKEN;
  return { ...progress, writing: new Map(progress.writing).set(callId, { since: before?.since ?? at, until: at, tokens }) };
}

/** What an agent is doing now. `idle` waits for the others; `until` is in milliseconds since the epoch. */
export type Doing =
  | { readonly type: "queued" | "working"; readonly purpose: Purpose }
  | { readonly type: "waiting"; readonly until: number }
  | { readonly type: "out"; readonly why: string }
  | { readonly type: "idle" | "done" };

export interface AgentProgress {
  readonly id: string;
  readonly doing: Doing;
  /** Of the call that is open, estimated; absent before its second delta. */
  readonly tokensPerSecond?: number;
}

export interface VoteProgress {
  readonly agent: string;
  readonly label: string;
  readonly reason: string;
  /** False once the answers that the voter saw are not those that stand. */
  readonly counts: boolean;
}

/** Everything a display of a running council shows. */
export interface Board {
  readonly agents: readonly AgentProgress[];
  readonly answers: readonly Answer[];
  readonly votes: readonly VoteProgress[];
}

export function boardOf(progress: Progress): Board {
  const { state } = progress;
  if (state === undefined) return { agents: [], answers: [], votes: [] };
  return {
    agents: state.agents.map((agent) => agentProgress(progress, state, agent)),
    answers: currentAnswers(state),
    votes: state.agents.flatMap((agent) =>
      agent.vote === undefined
        ? []
        : [
            {
              agent: agent.agent.id,
              label: agent.vote.choice.label,
              reason: agent.vote.reason,
              counts: agent.vote.counts,
            },
          ],
    ),
  };
}

function agentProgress(progress: Progress, state: RunState, agent: AgentState): AgentProgress {
  const writing = agent.task === undefined ? undefined : progress.writing.get(agent.task.callId);
  const rate = writing === undefined ? undefined : perSecond(writing.tokens, writing.until - writing.since);
  return { id: agent.agent.id, doing: doingOf(state, agent), ...(rate === undefined ? {} : { tokensPerSecond: rate }) };
}

function doingOf(state: RunState, { agent, task, out }: AgentState): Doing {
  if (out !== undefined) return { type: "out", why: out.why };
  if (state.ended !== undefined) return { type: "done" };
  if (task?.status === "waiting") {
    const timer = state.timers.find(({ purpose, agent: waiting }) => purpose === "retry" && waiting === agent.id);
    if (timer !== undefined) return { type: "waiting", until: timer.until };
  }
  if (task?.status !== "open") return { type: "idle" };
  return { type: state.calls.get(task.callId)?.startedAt === undefined ? "queued" : "working", purpose: task.purpose };
}

/** Output tokens a second of a settled call, from its start to its settlement; undefined where it wrote or took nothing. */
export function measuredRate(progress: Progress, callId: string): number | undefined {
  const { startedAt, settledAt } = progress.times.get(callId) ?? {};
  const tokens = progress.state?.calls.get(callId)?.outcome?.usage.outputTokens;
  if (startedAt === undefined || settledAt === undefined || tokens === undefined) return undefined;
  return perSecond(tokens, settledAt - startedAt);
}

function perSecond(tokens: number, milliseconds: number): number | undefined {
  return tokens > 0 && milliseconds > 0 ? (tokens * 1_000) / milliseconds : undefined;
}
