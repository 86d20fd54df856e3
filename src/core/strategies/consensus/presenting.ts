import type { Tally } from "../../facts/coordination.ts";
import type { Fact } from "../../facts.ts";
import type { AgentState, RunState } from "../../state.ts";
import { endWith, winningAnswer } from "./ending.ts";
import { currentSnapshot, requestCall } from "./request-call.ts";

/** After the tally: the winner words the result, or the next in rank, or it is the winning answer as it stands. */
export function present(state: RunState): readonly Fact[] {
  if (state.tally === undefined) return [];
  if (state.agents.some(({ task }) => task?.purpose === "presentation")) return [];
  const presenter = wantsPresentation(state) ? nextPresenter(state, state.tally) : undefined;
  if (presenter !== undefined)
    return [requestCall(state, presenter, { purpose: "presentation", attempt: 1, snapshot: currentSnapshot(state) })];
  const { text, truncated } = winningAnswer(state, state.tally);
  return endWith(state, { outcome: state.agents.length === 1 ? "single" : "consensus", text, truncated, presenter: null });
}

/** One agent has nobody to outdo. */
function wantsPresentation(state: RunState): boolean {
  return state.agents.length > 1 && state.started.settings.finalAnswer !== "winner_reuse";
}

/** In the order of rank, the winner first; each is asked once. */
function nextPresenter(state: RunState, { winner, standings }: Tally): AgentState | undefined {
  const inRank = [winner, ...standings.flatMap(({ authors }) => authors)];
  const able = inRank.flatMap((id) =>
    state.agents.filter(({ agent, out, cannotPresent }) => agent.id === id && out === undefined && !cannotPresent),
  );
  return able[0];
}
