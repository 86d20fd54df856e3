import { learnCounting, NOTHING_COUNTED } from "../counting.ts";
import type { FactOf } from "../facts.ts";
import type { Outcome, Usage } from "../facts/outcome.ts";
import { type Rung, rungSchema } from "../facts/settings.ts";
import { seesMoreThanText } from "../prompts/attachments-in-prompt.ts";
import type { AgentState, Call, RunState } from "../state.ts";
import { idle, withAgent, withCall, withTask } from "./change-state.ts";

export function requested(state: RunState, request: FactOf<"call-requested">): RunState {
  const asked = withAgent(state, request.agent, (agent) => ({
    ...agent,
    callsMade: agent.callsMade + 1,
    task: {
      callId: request.callId,
      purpose: request.purpose,
      attempt: request.attempt,
      since: agent.task?.since ?? state.clock.elapsed,
      status: "open",
    },
  }));
  const model = state.agents.find(({ agent }) => agent.id === request.agent)?.agent.model;
  return {
    ...asked,
    calls: new Map(state.calls).set(request.callId, { request, requestedAt: state.clock.elapsed }),
    openCalls: [...state.openCalls, request.callId],
    rungs:
      model === undefined || request.rung === undefined
        ? state.rungs
        : { ...state.rungs, [model]: lower(state.rungs[model], request.rung) },
  };
}

function lower(known: Rung | undefined, asked: Rung): Rung {
  const order = rungSchema.options;
  return known === undefined || order.indexOf(asked) > order.indexOf(known) ? asked : known;
}

export function started(state: RunState, event: FactOf<"call-started">): RunState {
  const call = state.calls.get(event.callId);
  if (call === undefined) return state;
  const { elapsed } = state.clock;
  const noted = withCall(state, event.callId, (open) => ({ ...open, startedAt: elapsed }));
  if (call.request.purpose !== "draft") return noted;
  const queued = elapsed - call.requestedAt;
  return withAgent(noted, call.request.agent, (agent) => ({
    ...agent,
    draftStartedAt: agent.draftStartedAt === undefined ? elapsed : agent.draftStartedAt + queued,
  }));
}

export function settled(state: RunState, event: FactOf<"call-settled">): RunState {
  const call = state.calls.get(event.callId);
  if (call === undefined || call.outcome !== undefined) return state;
  const { outcome } = event;
  const { lost, counting } = counted(state, call, outcome);
  const over = {
    ...withCall(state, event.callId, (open) => ({ ...open, outcome, ...(lost === undefined ? {} : { lost }) })),
    counting,
    openCalls: state.openCalls.filter((open) => open !== event.callId),
    usage: sum(state.usage, outcome.usage),
  };
  return withAgent(over, call.request.agent, (agent) => {
    const spent = agent.spent + (call.startedAt === undefined ? 0 : state.clock.elapsed - call.startedAt);
    const failures = outcome.type === "failed" ? [...agent.failures, { callId: event.callId, failure: outcome.failure }] : agent.failures;
    return afterSettlement({ ...agent, spent, failures }, event, call, state);
  });
}

function counted(state: RunState, { request }: Call, outcome: Outcome): Pick<Call, "lost"> & Pick<RunState, "counting"> {
  const agent = state.agents.find(({ agent }) => agent.id === request.agent)?.agent;
  if (agent === undefined) return { counting: state.counting };
  const isOverflow = outcome.type === "failed" && outcome.failure.kind === "context-overflow";
  // What an image takes differs by a factor of ten between models: only a refusal tells anything.
  if (!isOverflow && seesMoreThanText(state.started, agent)) return { counting: state.counting };
  const { counting, lost } = learnCounting(state.counting[agent.model] ?? NOTHING_COUNTED, request, outcome, agent);
  return { counting: { ...state.counting, [agent.model]: counting }, ...(lost === undefined ? {} : { lost }) };
}

/**
 * What nobody waits for any more needs no reading: a ballot over fewer answers than there are, whatever came of it, and all but
 * presentations after the tally. A call that had been cancelled when its process died is over and not asked again.
 */
function afterSettlement(agent: AgentState, event: FactOf<"call-settled">, call: Call, state: RunState): AgentState {
  if (agent.task?.callId !== event.callId) return agent;
  const moot = state.tally !== undefined && call.request.purpose !== "presentation";
  if (moot || call.cancelled === "new-answer") return idle(agent);
  const died = event.outcome.type === "interrupted" && call.cancelled === undefined;
  return { ...agent, task: { ...agent.task, status: died ? "interrupted" : "settled" } };
}

export function refused(state: RunState, { agent, callId, why }: FactOf<"reply-refused">): RunState {
  const noted = { ...state, refusals: new Map(state.refusals).set(callId, why) };
  return withTask(noted, agent, callId, (task) => ({ ...task, status: "refused" }));
}

export function timerRequested(state: RunState, { timerId, purpose, until, agent, callId }: FactOf<"timer-requested">): RunState {
  const timer = { timerId, purpose, until, ...(agent === undefined ? {} : { agent }) };
  const waiting = { ...state, timers: [...state.timers, timer], timersRequested: state.timersRequested + 1 };
  if (purpose !== "retry" || agent === undefined || callId === undefined) return waiting;
  return withTask(waiting, agent, callId, (task) => ({ ...task, status: "waiting" }));
}

export function timerSettled(state: RunState, event: FactOf<"timer-settled">): RunState {
  const timer = state.timers.find(({ timerId }) => timerId === event.timerId);
  if (timer === undefined) return state;
  const rest = { ...state, timers: state.timers.filter((open) => open !== timer) };
  if (timer.purpose !== "retry" || timer.agent === undefined) return rest;
  return withAgent(rest, timer.agent, (agent) => {
    if (agent.task?.status !== "waiting") return agent;
    return event.how === "not-needed" ? idle(agent) : { ...agent, task: { ...agent.task, status: "ready" } };
  });
}

function sum(total: Usage, more: Usage): Usage {
  const cached = (total.cachedInputTokens ?? 0) + (more.cachedInputTokens ?? 0);
  const reasoning = (total.reasoningTokens ?? 0) + (more.reasoningTokens ?? 0);
  return {
    inputTokens: total.inputTokens + more.inputTokens,
    outputTokens: total.outputTokens + more.outputTokens,
    ...(cached > 0 ? { cachedInputTokens: cached } : {}),
    ...(reasoning > 0 ? { reasoningTokens: reasoning } : {}),
    estimated: total.estimated || more.estimated,
  };
}
