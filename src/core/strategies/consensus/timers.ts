import { draftsDueBy, timeSpent } from "../../bounds.ts";
import type { Fact } from "../../facts.ts";
import type { Call, OpenTimer, RunState } from "../../state.ts";
import { closeCalls } from "./close-calls.ts";
import { drafting, draftsAreOver } from "./drafts.ts";

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
  const late = timesLeft(state).filter(({ left }) => left <= 0);
  return late.flatMap(({ call }) => closeCalls(state, [call.request.callId], () => "agent-time"));
}

/** What is left of its own time to each agent that has a call open, in milliseconds. */
function timesLeft(state: RunState): readonly { readonly call: Call; readonly left: number }[] {
  return state.agents.flatMap((agent) => {
    const call = agent.task?.status === "open" ? state.calls.get(agent.task.callId) : undefined;
    return call === undefined ? [] : [{ call, left: state.started.settings.bounds.agentMs - timeSpent(state, agent, call) }];
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
  const running = timesLeft(state).filter(({ call }) => call.startedAt !== undefined);
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
