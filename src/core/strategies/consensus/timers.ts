import { draftsDueBy, timeSpent } from "../../bounds.ts";
import type { Fact } from "../../facts.ts";
import type { AgentState, OpenTimer, RunState } from "../../state.ts";
import { usesOf } from "../../tool-rounds.ts";
import { cancelTools, closeCalls } from "./close-calls.ts";
import { drafting, draftsAreOver } from "./drafts.ts";
import { timeIsUp } from "./read-failure.ts";
import { standBrokenOff } from "./read-text.ts";

interface Wanted {
  readonly purpose: Exclude<OpenTimer["purpose"], "retry">;
  /** Milliseconds of running time from now. */
  readonly inMs: number;
}

/** Keeps one timer open for each bound that could be hit next, and closes calls of agents whose time is up. */
export function keepTimers(state: RunState): readonly Fact[] {
  const overtime = closeOvertime(state);
  if (overtime.length > 0) return overtime;
  const wanted = [runTime(state), draftDeadline(state), agentTime(state)].filter((timer) => timer !== undefined);
  return [...state.timers.flatMap((timer) => dropUnneeded(state, timer, wanted)), ...missing(state, wanted)];
}

function closeOvertime(state: RunState): readonly Fact[] {
  return timesLeft(state).flatMap(({ agent, callId, tools, left }) => {
    if (left > 0) return [];
    if (tools.length === 0) return closeCalls(state, [callId], () => "agent-time");
    return [...standBrokenOff(state, agent), ...cancelTools(tools), timeIsUp(state, agent)];
  });
}

/** An agent at work: with a call open, or with tools that its reply called. */
interface AtWork {
  readonly agent: AgentState;
  readonly callId: string;
  readonly tools: readonly string[];
  readonly isRunning: boolean;
  /** What is left of its own time, in milliseconds. */
  readonly left: number;
}

function timesLeft(state: RunState): readonly AtWork[] {
  const { agentMs } = state.started.settings.bounds;
  return state.agents.flatMap((agent) => {
    const { callId, status } = agent.task ?? {};
    const call = callId === undefined ? undefined : state.calls.get(callId);
    if (callId === undefined || call === undefined || (status !== "open" && status !== "tools")) return [];
    const uses = status === "open" ? [] : usesOf(state, callId).filter(({ outcome }) => outcome === undefined);
    const startedAt = status === "open" ? call.startedAt : uses[0]?.requestedAt;
    const tools = uses.map(({ request }) => request.toolId);
    return [{ agent, callId, tools, isRunning: startedAt !== undefined, left: agentMs - timeSpent(state, agent, startedAt) }];
  });
}

function runTime(state: RunState): Wanted {
  return { purpose: "run-time", inMs: state.started.settings.bounds.runMs - state.clock.elapsed };
}

/** When the wait for drafts ends, once there is an answer. */
function draftDeadline(state: RunState): Wanted | undefined {
  if (state.answers.length === 0 || state.tally !== undefined || draftsAreOver(state)) return undefined;
  return { purpose: "draft-deadline", inMs: draftsDueBy(state, drafting(state)) - state.clock.elapsed };
}

/** The first moment at which an agent that is running now could have used up its time. */
function agentTime(state: RunState): Wanted | undefined {
  const running = timesLeft(state).filter(({ isRunning }) => isRunning);
  return running.length === 0 ? undefined : { purpose: "agent-time", inMs: Math.min(...running.map(({ left }) => left)) };
}

/** A timer that fires too early does no harm, it is asked for again; one that would fire too late is replaced. */
function dropUnneeded(state: RunState, timer: OpenTimer, wanted: readonly Wanted[]): readonly Fact[] {
  if (timer.purpose === "retry") {
    const waiting = state.agents.some(({ agent, task }) => agent.id === timer.agent && task?.status === "waiting");
    return waiting && state.tally === undefined ? [] : [{ type: "timer-settled", timerId: timer.timerId, how: "not-needed" }];
  }
  const same = wanted.find(({ purpose }) => purpose === timer.purpose);
  const tooLate = same !== undefined && timer.until > untilOf(state, same);
  const unneeded = same === undefined && timer.purpose === "draft-deadline";
  return tooLate || unneeded ? [{ type: "timer-settled", timerId: timer.timerId, how: "not-needed" }] : [];
}

function missing(state: RunState, wanted: readonly Wanted[]): readonly Fact[] {
  return wanted
    .filter((want) => !state.timers.some(({ purpose, until }) => purpose === want.purpose && until <= untilOf(state, want)))
    .map((want, index) => ({
      type: "timer-requested",
      timerId: `t${state.timersRequested + 1 + index}`,
      purpose: want.purpose,
      until: untilOf(state, want),
    }));
}

function untilOf(state: RunState, { inMs }: Wanted): number {
  return Math.ceil(state.clock.now + Math.max(0, inMs));
}
