import type { Fact, FactOf } from "../../facts.ts";
import type { Rung } from "../../facts/settings.ts";
import type { AgentState, Call, RunState } from "../../state.ts";
import { askOf, nextRung, requestCall } from "./request-call.ts";
import { goOnWithResults } from "./use-tools.ts";

/** Corrections, retries whose wait is over, and calls whose process died. */
export function askAgain(state: RunState): readonly Fact[] {
  return state.agents.flatMap((agent) => {
    const call = agent.task === undefined ? undefined : state.calls.get(agent.task.callId);
    if (agent.task === undefined || call === undefined) return [];
    switch (agent.task.status) {
      case "refused":
        return [correction(state, agent, call)];
      case "ready":
        return [retry(state, agent, call)];
      case "interrupted":
        return [requestCall(state, agent, askOf(call.request, call.request.attempt))];
      case "tools":
        return goOnWithResults(state, agent, call.request);
      case "open":
      case "settled":
      case "waiting":
        return [];
    }
  });
}

/** The same once more. What failed while its model was being loaded was no attempt. */
function retry(state: RunState, agent: AgentState, { request, outcome }: Call): Fact {
  const kind = outcome?.type === "failed" ? outcome.failure.kind : undefined;
  const rung = kind === "server-error" ? afterServerError(agent, request) : request.rung;
  const ask = askOf(request, request.attempt + (kind === "loading" ? 0 : 1));
  return requestCall(state, agent, { ...ask, ...(rung === undefined ? {} : { rung }) });
}

/** A ballot that makes a server fail twice may fail for the way it is asked for: the last attempt is the plainest. */
function afterServerError({ agent }: AgentState, { rung, attempt }: FactOf<"call-requested">): Rung | undefined {
  return rung === undefined || attempt === 1 ? rung : agent.rungs.at(-1);
}

function correction(state: RunState, agent: AgentState, { request, outcome }: Call): Fact {
  const { purpose, attempt, snapshot, callId, mayImprove, rung } = request;
  // Who called a tool was bound by the rung, and who was cut off may have been about to choose: once.
  const spoke = outcome?.type === "replied" && (outcome.toolCalls.length > 0 || (outcome.finish === "length" && attempt === 1));
  const unheard = state.refusals.get(callId) === "no-choice" && !spoke;
  const next = (unheard ? nextRung(agent, rung) : undefined) ?? rung;
  return requestCall(state, agent, {
    purpose,
    attempt: attempt + 1,
    snapshot,
    continues: callId,
    because: "correction",
    ...(mayImprove === undefined ? {} : { mayImprove }),
    ...(next === undefined ? {} : { rung: next }),
  });
}
