import { draftsDueBy } from "../../bounds.ts";
import type { Fact } from "../../facts.ts";
import type { AgentState, RunState } from "../../state.ts";
import { requestCall } from "./request-call.ts";

/** Asks everybody at once, each alone with the question. */
export function requestDrafts(state: RunState): readonly Fact[] {
  if (state.tally !== undefined) return [];
  return drafting(state)
    .filter(({ task }) => task === undefined)
    .map((agent) => requestCall(state, agent, { purpose: "draft", attempt: 1, snapshot: [] }));
}

/** The agents whose draft is still to come. */
export function drafting(state: RunState): readonly AgentState[] {
  return state.agents.filter(({ draft, out }) => draft === "due" && out === undefined);
}

/** Whether judging may begin: no draft is open, or there is an answer and every open draft is overdue. Once begun it stays so. */
export function draftsAreOver(state: RunState): boolean {
  const open = drafting(state);
  if (state.round !== undefined || open.length === 0) return true;
  return state.answers.length > 0 && state.clock.elapsed >= draftsDueBy(state, open);
}
