import type { Fact, FactOf } from "../../facts.ts";
import type { Failure } from "../../facts/outcome.ts";
import type { Rung } from "../../facts/settings.ts";
import { seededRandom } from "../../random.ts";
import type { AgentState, RunState } from "../../state.ts";
import { toolsRefused } from "./notices.ts";
import { mayTryAgain } from "./refuse.ts";
import { afterOverflow } from "./after-overflow.ts";
import { askOf, nextRung, requestCall } from "./request-call.ts";

type Request = FactOf<"call-requested">;

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
const LOADING_WAIT_MS = 5_000;

/** What a failed call leads to: a lower rung, a shorter prompt, a wait and another try, abstaining, or the end of this agent's part. */
export function readFailure(state: RunState, agent: AgentState, request: Request, failure: Failure): readonly Fact[] {
  const { purpose, callId } = request;
  const id = agent.agent.id;
  const { failuresPerAgent } = state.started.settings.bounds;
  const abstain: Fact = { type: "agent-abstained", agent: id, from: purpose, callId, why: failure.message };
  if (refusesTools(request, failure)) {
    return [agent.refusesTools === true ? requestCall(state, agent, askOf(request, request.attempt)) : toolsRefused(agent, failure)];
  }
  const rung = rungInstead(agent, request, failure);
  if (rung !== undefined) return mayTryAgain(state, request) ? [lowered(state, agent, request, rung)] : [abstain];
  if (failure.kind === "loading" && failure.retryable) return [whileLoading(state, agent, callId, failure)];
  if (isTooLong(failure)) return [afterOverflow(state, agent, request, failure)];
  if (!failure.retryable) return [{ type: "agent-out", agent: id, why: failure.message, failure }];
  const failures = failuresOf(state, agent);
  if (failures >= failuresPerAgent) {
    return [{ type: "agent-out", agent: id, why: `failed ${failures} times, the last time: ${failure.message}`, failure }];
  }
  if (!mayTryAgain(state, request)) return [abstain];
  return [waitToRetry(state, agent, callId, failure)];
}

/** Engines whose model knows no tools refuse a request that holds some; without them it is another request. */
function refusesTools(request: Request | undefined, { kind }: Failure): boolean {
  return kind === "bad-request" && request?.tools !== undefined;
}

/** Whether the prompt itself was too long, whatever else was running. */
function isTooLong({ kind, retryable }: Failure): boolean {
  return kind === "context-overflow" && !retryable;
}

/** Those that count: what led to another rung, a shorter prompt or waiting for a model to be loaded does not. */
function failuresOf(state: RunState, agent: AgentState): number {
  const counts = ({ callId, failure }: AgentState["failures"][number]): boolean => {
    const request = state.calls.get(callId)?.request;
    if (failure.kind === "loading" || isTooLong(failure) || refusesTools(request, failure)) return false;
    return rungInstead(agent, request, failure) === undefined;
  };
  return agent.failures.filter(counts).length;
}

/** Loading is nobody's fault and takes as long as it takes, but not longer than an agent may. */
function whileLoading(state: RunState, agent: AgentState, callId: string, failure: Failure): Fact {
  const { agentMs } = state.started.settings.bounds;
  if (state.clock.elapsed - loadingSince(state, agent) >= agentMs) {
    return {
      type: "agent-out",
      agent: agent.agent.id,
      why: `its model was not loaded within ${inWords(agentMs)}: ${failure.message}`,
      failure,
    };
  }
  const asked = Math.max(FIRST_WAIT_MS, failure.retryAfterMs ?? LOADING_WAIT_MS);
  return waitToRetry(state, agent, callId, { ...failure, retryAfterMs: asked });
}

/** When the model was first found loading for what the agent is busy with now: it may have been loaded and unloaded before. */
function loadingSince(state: RunState, { failures, task }: AgentState): number {
  const found = failures.flatMap(({ callId, failure }) => (failure.kind === "loading" ? (state.calls.get(callId)?.startedAt ?? []) : []));
  return found.find((at) => at >= (task?.since ?? 0)) ?? state.clock.elapsed;
}

/** A server that does not know this way of asking may know the next one: that is another request, not the same again. */
function rungInstead(agent: AgentState, request: Request | undefined, failure: Failure): Rung | undefined {
  return failure.kind === "bad-request" ? nextRung(agent, request?.rung) : undefined;
}

function lowered(state: RunState, agent: AgentState, request: Request, rung: Rung): Fact {
  return requestCall(state, agent, { ...askOf(request, request.attempt + 1), rung });
}

/** Just as long as the provider asks, if it asks for any time at all; else twice as long each time, between half and one and a half of that by the seed. */
function waitToRetry(state: RunState, seat: AgentState, callId: string, failure: Failure): Fact {
  const { agent } = seat;
  const jitter = 0.5 + seededRandom(state.started.seed, `retry ${callId}`);
  const exponential = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failuresOf(state, seat) - 1)) * jitter;
  const wait = failure.retryAfterMs === undefined || failure.retryAfterMs === 0 ? exponential : failure.retryAfterMs;
  const left = state.started.settings.bounds.runMs - state.clock.elapsed;
  if (wait >= left) {
    const why = `asks to wait ${inWords(wait)}, longer than this run may still take (${inWords(left)}): ${failure.message}`;
    return { type: "agent-out", agent: agent.id, why, failure };
  }
  const timerId = `t${state.timersRequested + 1}`;
  return { type: "timer-requested", timerId, purpose: "retry", until: Math.ceil(state.clock.now + wait), agent: agent.id, callId };
}

/** Its call was closed because the agent had used up its own time. */
export function timeIsUp(state: RunState, { agent }: AgentState): Fact {
  return { type: "agent-out", agent: agent.id, why: `used up its time of ${inWords(state.started.settings.bounds.agentMs)}` };
}

function inWords(milliseconds: number): string {
  const units = [
    ["day", 86_400_000],
    ["hour", 3_600_000],
    ["minute", 60_000],
    ["second", 1_000],
  ] as const;
  const [name, size] = units.find(([, unit]) => milliseconds >= unit) ?? units[3];
  const count = Math.round((milliseconds / size) * 10) / 10;
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
