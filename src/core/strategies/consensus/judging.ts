import { covers, currentAnswers } from "../../answers.ts";
import type { Tally } from "../../facts/coordination.ts";
import type { Fact, FactOf } from "../../facts.ts";
import type { AgentState, Answer, RunState } from "../../state.ts";
import { isDecided, takeTally, validBallots } from "../../standings.ts";
import { drafting, draftsAreOver } from "./drafts.ts";
import { closeCalls, closeOpen } from "./close-calls.ts";
import { endWith } from "./ending.ts";
import { currentSnapshot, requestCall, rungFor } from "./request-call.ts";

/** Everything between the last awaited draft and the tally. */
export function judge(state: RunState): readonly Fact[] {
  if (state.tally !== undefined || !draftsAreOver(state)) return [];
  const answers = currentAnswers(state);
  if (answers.length === 0) return endWith(state, { outcome: "failed", text: null, truncated: false, presenter: null });
  if (answers.length === 1) return settle(state, "unopposed");
  const stale = staleBallots(state, answers);
  if (stale.length > 0) return stale;
  const improving = state.agents.filter(({ improvesAfter }) => improvesAfter !== undefined);
  if (improving.length > 0) return improving.flatMap((agent) => improvement(state, agent));
  const isCurrent = state.round !== undefined && covers(state.round.snapshot, answers);
  if (!isCurrent) return state.agents.some(isJudging) ? [] : [openRound(state)];
  return ballots(state) ?? tallyIfSettled(state);
}

const isJudging = ({ task }: AgentState): boolean => task?.purpose === "ballot";

/** Ballots of a round that a late draft has overtaken are closed at once. Those that an improvement overtook may finish. */
function staleBallots(state: RunState, answers: readonly Answer[]): readonly Fact[] {
  const drafts = answers.filter(({ origin }) => origin === "draft");
  if (state.round === undefined || covers(state.round.snapshot, drafts)) return [];
  return state.agents.filter(isJudging).flatMap(({ agent, task }): readonly Fact[] => {
    if (task?.status === "open") return closeCalls(state, [task.callId], () => "new-answer");
    const timer = state.timers.find((open) => open.purpose === "retry" && open.agent === agent.id);
    return timer === undefined ? [] : [{ type: "timer-settled", timerId: timer.timerId, how: "not-needed" }];
  });
}

/** Goes on in the conversation of the ballot in which the agent chose it. */
function improvement(state: RunState, agent: AgentState): readonly Fact[] {
  const ballot = agent.improvesAfter === undefined ? undefined : state.calls.get(agent.improvesAfter);
  if (ballot === undefined || agent.task !== undefined) return [];
  const { callId, snapshot } = ballot.request;
  return [requestCall(state, agent, { purpose: "improvement", attempt: 1, snapshot, continues: callId, because: "improve" })];
}

function openRound(state: RunState): FactOf<"round-opened"> {
  const overdue = drafting(state).map(({ agent }) => agent.id);
  return { type: "round-opened", round: (state.round?.round ?? 0) + 1, snapshot: currentSnapshot(state), overdue };
}

/** The agents whose choice the tally waits for. */
function undecided(state: RunState): readonly AgentState[] {
  return state.agents.filter(
    ({ out, draft, abstains, vote }) => out === undefined && draft !== "due" && abstains === undefined && vote?.counts !== true,
  );
}

/** The ballots still to be asked for in this round; undefined where none is. */
function ballots(state: RunState): readonly Fact[] | undefined {
  const due = undecided(state).filter(({ task }) => task === undefined);
  if (due.length === 0 || isForegone(state)) return undefined;
  return due.map((agent) => {
    const mayImprove = agent.answersGiven < state.started.settings.bounds.answersPerAgent && !agent.mayOnlyVote;
    return requestCall(state, agent, {
      purpose: "ballot",
      attempt: 1,
      snapshot: currentSnapshot(state),
      mayImprove,
      rung: rungFor(state, agent),
    });
  });
}

function isForegone(state: RunState): boolean {
  const cast = validBallots(state);
  return cast.length > 0 && isDecided(state, cast, undecided(state).length);
}

function tallyIfSettled(state: RunState): readonly Fact[] {
  if (undecided(state).length === 0) return settle(state, validBallots(state).length > 0 ? "voted" : "no-votes");
  return isForegone(state) ? settle(state, "decided-early") : [];
}

/** Takes the tally; what is still open cannot change it. */
function settle(state: RunState, how: Tally["how"]): readonly Fact[] {
  const closed = closeOpen(state, ({ purpose }) => (purpose === "ballot" ? "decided" : "overdue"));
  return [...closed, { type: "tally-taken", ...takeTally(state, how) }];
}
