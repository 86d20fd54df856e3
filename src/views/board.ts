import { currentAnswers } from "../core/answers.ts";
import type { Purpose } from "../core/facts/effects.ts";
import type { AgentState, Answer, RunState, Task } from "../core/state.ts";
import { withoutUndefined } from "../core/without-undefined.ts";
import { type CallMeasures, measuresOf, perSecond } from "./call-measures.ts";
import type { Activity, Progress } from "./progress.ts";

/**
 * What an agent is doing now. A call is queued, may have to wait for its model to be loaded, has its prompt read (`prefill`) until its first
 * word, and works. `part` is from 0 to 1, absent where the engine does not tell; `idle` waits for the others; `until` is in milliseconds
 * since the epoch.
 */
export type Doing =
  | { readonly type: "queued" | "working"; readonly purpose: Purpose }
  | { readonly type: "loading" | "prefill"; readonly purpose: Purpose; readonly part?: number }
  | { readonly type: "waiting"; readonly until: number }
  | { readonly type: "tools"; readonly names: readonly string[] }
  | { readonly type: "out"; readonly why: string }
  | { readonly type: "idle" | "done" };

export interface AgentProgress {
  readonly id: string;
  readonly doing: Doing;
  /** Of the call that is open, estimated; absent before its second delta. */
  readonly tokensPerSecond?: number;
  /** Of its latest call that settled. */
  readonly lastCall?: CallMeasures;
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
  const { id } = agent.agent;
  const activity = agent.task === undefined ? undefined : progress.activities.get(agent.task.callId);
  const settled = Array.from(state.calls.values()).findLast(({ request, outcome }) => request.agent === id && outcome !== undefined);
  return {
    id,
    doing: doingOf(state, agent, activity),
    ...withoutUndefined<Pick<AgentProgress, "tokensPerSecond" | "lastCall">>({
      tokensPerSecond: activity?.type === "writing" ? perSecond(activity.tokens, activity.until - activity.since) : undefined,
      lastCall: settled && measuresOf(progress, settled.request.callId),
    }),
  };
}

function doingOf(state: RunState, { agent, task, out }: AgentState, activity: Activity | undefined): Doing {
  if (out !== undefined) return { type: "out", why: out.why };
  if (state.ended !== undefined) return { type: "done" };
  if (task?.status === "waiting") {
    const timer = state.timers.find(({ purpose, agent: waiting }) => purpose === "retry" && waiting === agent.id);
    if (timer !== undefined) return { type: "waiting", until: timer.until };
  }
  if (task?.status === "tools") return { type: "tools", names: openToolsOf(state, agent.id) };
  return task?.status === "open" ? callDoing(state, task, activity) : { type: "idle" };
}

function openToolsOf(state: RunState, id: string): readonly string[] {
  const open = state.openTools.flatMap((toolId) => state.tools.get(toolId)?.request ?? []);
  return open.filter(({ agent }) => agent === id).map(({ name }) => name);
}

function callDoing(state: RunState, { callId, purpose }: Task, activity: Activity | undefined): Doing {
  const hasStarted = state.calls.get(callId)?.startedAt !== undefined;
  if (activity?.type === "writing") return { type: "working", purpose };
  if (activity?.type === (hasStarted ? "prefill" : "loading")) return { ...activity, purpose };
  return { type: hasStarted ? "prefill" : "queued", purpose };
}
