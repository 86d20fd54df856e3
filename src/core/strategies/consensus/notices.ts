import { contextOf, smallestContext } from "../../bounds.ts";
import type { Fact, FactOf } from "../../facts.ts";
import type { Failure } from "../../facts/outcome.ts";
import type { AgentState, Call, RunState } from "../../state.ts";
import { inTokens, REMEDY } from "./request-call.ts";

type Notice = FactOf<"notice">;

/** Tells once, before the first call that it is true of, that earlier messages are left out of prompts. */
export function tellingWhatIsLeftOut(state: RunState, facts: readonly Fact[]): readonly Fact[] {
  if (state.leavingOutTold === true) return facts;
  const [most] = facts
    .flatMap((fact) => (fact.type === "call-requested" && (fact.leftOut?.messages ?? 0) > 0 ? [fact] : []))
    .sort((one, other) => (other.leftOut?.messages ?? 0) - (one.leftOut?.messages ?? 0));
  return most === undefined ? facts : [leftOutNotice(state, most), ...facts];
}

function leftOutNotice(state: RunState, { agent, leftOut, snapshot }: FactOf<"call-requested">): Notice {
  const seat = state.agents.find((other) => other.agent.id === agent);
  const own = seat === undefined ? undefined : contextOf(state, seat);
  const context = snapshot.length === 0 ? own : smallestContext(state);
  const why = context === undefined ? "do not fit its context" : `do not fit a context of ${inTokens(context)}`;
  const { length } = state.started.history;
  const text = `The oldest ${leftOut?.messages} of ${length} earlier messages are left out of what ${agent} reads: they ${why}. To keep them, ${REMEDY}.`;
  return { type: "notice", level: "warning", text, about: "left-out", agent };
}

/** Tells once an agent that its engine has not read all of a prompt. */
export function lossNotice({ agent, lossTold }: AgentState, { lost }: Call): readonly Notice[] {
  if (lost === undefined || lossTold === true) return [];
  const { expected, read } = lost;
  const text = `The engine of ${agent.id} (${agent.model}) read only ${inTokens(read)} of a prompt of about ${inTokens(expected)}: the rest was cut off without a word. Raise the context setting of the engine, or set context_length to what it really has.`;
  return [{ type: "notice", level: "warning", text, about: "lost", agent: agent.id }];
}

/** Tells that the engine of an agent refuses what it is offered; from then on it is offered no tools. */
export function toolsRefused({ agent }: AgentState, { message }: Failure): Notice {
  const text = `The engine of ${agent.id} (${agent.model}) refuses a call that offers tools: it goes on without them. ${message}`;
  return { type: "notice", level: "warning", text, about: "tools", agent: agent.id };
}
