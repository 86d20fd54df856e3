import type { Fact, FactOf } from "../../facts.ts";
import type { RunState } from "../../state.ts";

/** A presenter is asked once: the next in rank is nearer than a second attempt. */
export function mayTryAgain(state: RunState, { attempt, purpose }: FactOf<"call-requested">): boolean {
  return attempt < state.started.settings.bounds.attemptsPerCall && purpose !== "presentation";
}

/** Refuses a reply; out of attempts, the agent abstains. `sentence` says why where more is known. */
export function refuse(
  state: RunState,
  request: FactOf<"call-requested">,
  why: FactOf<"reply-refused">["why"],
  sentence = sentences[why],
): readonly Fact[] {
  const { callId, purpose, agent } = request;
  const refused: Fact = { type: "reply-refused", callId, agent, why };
  if (mayTryAgain(state, request)) return [refused];
  return [refused, { type: "agent-abstained", agent, from: purpose, callId, why: sentence }];
}

const sentences: Readonly<Record<FactOf<"reply-refused">["why"], string>> = {
  "no-choice": "its replies held no choice that could be read",
  "several-choices": "its replies held several choices",
  "unknown-label": "its replies named an answer that does not exist",
  "may-not-improve": "it wanted to answer again after its last answer",
  "empty-answer": "its replies were empty",
  "unknown-tool": "it called tools that were not offered",
};
