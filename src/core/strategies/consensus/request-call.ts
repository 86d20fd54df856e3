import { tokenLimits } from "../../bounds.ts";
import { currentAnswers } from "../../answers.ts";
import type { FactOf } from "../../facts.ts";
import type { AnswerRef } from "../../facts/effects.ts";
import type { Rung } from "../../facts/settings.ts";
import { promptOf } from "../../prompts/conversation.ts";
import { promptTokens } from "../../prompts/prompt-tokens.ts";
import type { AgentState, RunState } from "../../state.ts";

type Request = FactOf<"call-requested">;
type Ask = Omit<Request, "type" | "callId" | "agent" | "maxOutputTokens" | "maxTextTokens">;

/** Tokenizers take more tokens than the estimate for some texts; an engine that refuses a call by a few tokens loses the agent. */
const ESTIMATE_MARGIN = 1.2;

/** A request with its own id and limits. An agent has one call open at most, so its count makes the id unique. */
export function requestCall(state: RunState, agent: AgentState, ask: Ask): Request {
  const request: Request = {
    type: "call-requested",
    callId: `${agent.agent.id}#${agent.callsMade + 1}`,
    agent: agent.agent.id,
    ...ask,
    maxOutputTokens: 1,
    maxTextTokens: 1,
  };
  const read = agent.agent.contextTokens === undefined ? 0 : Math.ceil(promptTokens(promptOf(state, request).messages) * ESTIMATE_MARGIN);
  return { ...request, ...tokenLimits(state, agent, ask.purpose === "ballot" ? "ballot" : "answer", read) };
}

/** The same question to the same agent once more. */
export function requestAgain(state: RunState, agent: AgentState, before: Request, attempt: number): Request {
  const { type: _type, callId: _callId, agent: _agent, maxOutputTokens: _output, maxTextTokens: _text, ...ask } = before;
  return requestCall(state, agent, { ...ask, attempt });
}

export function currentSnapshot(state: RunState): readonly AnswerRef[] {
  return currentAnswers(state).map(({ ref }) => ref);
}

/** The rung this agent's next ballot stands on: the best its model has not fallen from in this run. */
export function rungFor(state: RunState, { agent }: AgentState): Rung {
  const fallenTo = state.rungs[agent.model];
  return fallenTo !== undefined && agent.rungs.includes(fallenTo) ? fallenTo : (agent.rungs[0] ?? "text");
}

export function nextRung({ agent }: AgentState, rung: Rung | undefined): Rung | undefined {
  return rung === undefined ? undefined : agent.rungs[agent.rungs.indexOf(rung) + 1];
}
