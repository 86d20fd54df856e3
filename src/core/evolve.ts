import type { Fact, FactOf, RunEvent } from "./facts.ts";
import { idle, withAgent, withCall } from "./evolve/change-state.ts";
import { refused, requested, settled, started, timerRequested, timerSettled } from "./evolve/fold-calls.ts";
import { toolRequested, toolSettled } from "./evolve/fold-tools.ts";
import { abstained, answered, joined, noticed, out, tallyOf, voted } from "./evolve/fold-coordination.ts";
import type { Usage } from "./facts/outcome.ts";
import type { Clock, RunState } from "./state.ts";

const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, estimated: false };

/**
 * Folds one event into the state. Total: whatever it cannot place (a settlement of an unknown call, anything before `run-started`)
 * changes nothing but the clock. Holds no policy, so that an old log reads the same for ever.
 */
export function evolve(state: RunState | undefined, event: RunEvent): RunState | undefined {
  if (state === undefined) return event.type === "run-started" ? begin(event) : undefined;
  const told = { ...state, seq: event.seq, clock: tick(state.clock, event) };
  const fold = folds[event.type] as ((state: RunState, event: RunEvent) => RunState) | undefined;
  return fold === undefined ? told : fold(told, event);
}

/** Folds a whole log. */
export function stateOf(events: Iterable<RunEvent>): RunState | undefined {
  let state: RunState | undefined;
  for (const event of events) state = evolve(state, event);
  return state;
}

function begin(event: FactOf<"run-started"> & RunEvent): RunState {
  return {
    started: event,
    seq: event.seq,
    clock: { now: event.at, elapsed: 0 },
    agents: event.agents.map((agent) => ({
      agent,
      callsMade: 0,
      draft: "due",
      answersGiven: 0,
      failures: [],
      spent: 0,
      mayOnlyVote: false,
      cannotPresent: false,
    })),
    calls: new Map(),
    openCalls: [],
    tools: new Map(),
    openTools: [],
    refusals: new Map(),
    timers: [],
    timersRequested: 0,
    answers: [],
    rungs: {},
    counting: {},
    stopped: false,
    usage: NO_USAGE,
  };
}

/** The time between two processes is nobody's; a wall clock that was put back counts as standing still. */
function tick(clock: Clock, event: RunEvent): Clock {
  const passed = event.type === "run-resumed" ? 0 : Math.max(0, event.at - clock.now);
  return { now: event.at, elapsed: clock.elapsed + passed };
}

type Folds = { readonly [Type in Fact["type"]]: (state: RunState, event: FactOf<Type>) => RunState };

const folds: Folds = {
  "run-started": (state) => state,
  "run-resumed": (state) => state,
  "call-requested": requested,
  "call-started": started,
  "call-cancelled": (state, { callId, why }) => withCall(state, callId, (call) => ({ ...call, cancelled: why })),
  "call-settled": settled,
  "tool-requested": toolRequested,
  "tool-settled": toolSettled,
  "timer-requested": timerRequested,
  "timer-settled": timerSettled,
  "answer-submitted": answered,
  "author-joined": joined,
  "improvement-chosen": (state, { agent: id, callId }) => withAgent(state, id, (agent) => ({ ...idle(agent), improvesAfter: callId })),
  "vote-cast": voted,
  "reply-refused": refused,
  "agent-abstained": abstained,
  "agent-out": out,
  "round-opened": (state, round) => ({ ...state, round }),
  "tally-taken": (state, event) => ({ ...state, tally: tallyOf(event) }),
  "user-stopped": (state) => ({ ...state, stopped: true }),
  notice: noticed,
  "run-ended": (state, ended) => ({ ...state, ended }),
};
