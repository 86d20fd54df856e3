import { calibrated, contextOf } from "../../bounds.ts";
import type { Fact, FactOf } from "../../facts.ts";
import type { Failure } from "../../facts/outcome.ts";
import type { AgentState, RunState } from "../../state.ts";
import { askOf, fitsContext, inTokens, prepareCall, REMEDY } from "./request-call.ts";

type Request = FactOf<"call-requested">;

/** A prompt that was too long taught how the model counts and what its context holds: the same is asked at once with less to read. */
export function afterOverflow(state: RunState, agent: AgentState, request: Request, failure: Failure): Fact {
  const shorter = prepareCall(state, agent, askOf(request, request.attempt + 1), true);
  const isTooOften = request.attempt >= state.started.settings.bounds.attemptsPerCall;
  if (!isTooOften && fitsContext(state, agent, shorter) && isLess(shorter, request, failure)) return shorter;
  return { type: "agent-out", agent: agent.agent.id, why: sentence(state, agent, request, failure), failure };
}

/** Engines refuse a call for its prompt, or for prompt and output together; where the prompt alone is too long, less output is no help. */
function isLess(shorter: Request, request: Request, { overflow }: Failure): boolean {
  const [now, before] = [shorter.promptTokens ?? 0, request.promptTokens ?? Infinity];
  const isPromptAlone = (overflow?.promptTokens ?? 0) > (overflow?.contextTokens ?? Infinity);
  return now < before || (now === before && !isPromptAlone && shorter.maxOutputTokens < request.maxOutputTokens);
}

function sentence(state: RunState, agent: AgentState, request: Request, { message, overflow }: Failure): string {
  const needed =
    overflow?.promptTokens ?? (request.promptTokens === undefined ? undefined : calibrated(state, agent, request.promptTokens));
  const context = overflow?.contextTokens ?? contextOf(state, agent);
  if (needed === undefined || context === undefined) return message;
  return `${message} Nothing more can be left out of a prompt of about ${inTokens(needed)} for a context of ${inTokens(context)}: ${REMEDY}.`;
}
