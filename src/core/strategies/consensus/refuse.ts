import type { Fact, FactOf } from "../../facts.ts";
import type { RunState } from "../../state.ts";

/** Refuses a reply; out of attempts, the agent abstains. */
export function refuse(state: RunState, request: FactOf<"call-requested">, why: FactOf<"reply-refused">["why"]): readonly Fact[] {
  const { callId, purpose, agent } = request;
  const refused: Fact = { type: "reply-refused", callId, agent, why };
  const attempts = state.started.settings.bounds.attemptsPerCall;
  if (request.attempt < attempts && purpose !== "presentation") return [refused];
  return [refused, { type: "agent-abstained", agent, from: purpose, callId, why: sentences[why] }];
}

const sentences: Readonly<Record<FactOf<"reply-refused">["why"], string>> = {
  "no-choice": "its replies held no choice that could be read",
  "several-choices": "its replies held several choices",
  "unknown-label": "its replies named an answer that does not exist",
  "may-not-improve": "it wanted to answer again after its last answer",
  "empty-answer": "its replies were empty",
  "unknown-tool": "it called tools that were not offered",
};
