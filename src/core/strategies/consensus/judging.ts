import { covers, currentAnswers } from "../../answers.ts";
import type { Tally } from "../../facts/coordination.ts";
import type { Fact, FactOf } from "../../facts.ts";
import type { AgentState, Answer, RunState } from "../../state.ts";
import { hasValidVote, isDecided, rank, takeTally, validBallots } from "../../standings.ts";
import { drafting, draftsAreOver } from "./drafts.ts";
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
  if (improving.length > 0) return improving.filter(({ task }) => task === undefined).map((agent) => improvement(state, agent));
  const round = state.round !== undefined && covers(state.round.snapshot, answers) ? state.round : undefined;
  if (round === undefined) return state.agents.some(isJudging) ? [] : [openRound(state)];
  return ballots(state, round) ?? tallyIfSettled(state);
}

const isJudging = ({ task }: AgentState): boolean => task?.purpose === "ballot";

/** Ballots over fewer answers than there are, because a late draft came in: closed at once. Those that an improvement overtook may finish. */
function staleBallots(state: RunState, answers: readonly Answer[]): readonly Fact[] {
  const drafts = answers.filter(({ origin }) => origin === "draft");
  return state.agents.filter(isJudging).flatMap(({ agent, task }): readonly Fact[] => {
    const call = task === undefined ? undefined : state.calls.get(task.callId);
    if (task === undefined || call === undefined || covers(call.request.snapshot, drafts)) return [];
    if (task.status === "open" && call.cancelled === undefined) return [{ type: "call-cancelled", callId: task.callId, why: "new-answer" }];
    const timer = state.timers.find((open) => open.purpose === "retry" && open.agent === agent.id);
    return timer === undefined ? [] : [{ type: "timer-settled", timerId: timer.timerId, how: "not-needed" }];
  });
}

function improvement(state: RunState, agent: AgentState): Fact {
  const ballot = agent.improvesAfter === undefined ? undefined : state.calls.get(agent.improvesAfter);
  return requestCall(state, agent, {
    purpose: "improvement",
    attempt: 1,
    snapshot: ballot?.request.snapshot ?? currentSnapshot(state),
    ...(agent.improvesAfter === undefined ? {} : { continues: agent.improvesAfter, because: "improve" }),
  });
}

function openRound(state: RunState): FactOf<"round-opened"> {
  const overdue = drafting(state).map(({ agent }) => agent.id);
  return { type: "round-opened", round: (state.round?.round ?? 0) + 1, snapshot: currentSnapshot(state), overdue };
}

/** The agents whose choice the tally waits for. */
function undecided(state: RunState): readonly AgentState[] {
  return state.agents.filter(
    (agent) => agent.out === undefined && agent.draft !== "due" && agent.abstains === undefined && !hasValidVote(state, agent),
  );
}

/** The ballots still to be asked for in this round; undefined where none is. */
function ballots(state: RunState, round: FactOf<"round-opened">): readonly Fact[] | undefined {
  const due = undecided(state).filter(({ task }) => task === undefined);
  if (due.length === 0 || isForegone(state)) return undefined;
  return due.map((agent) => {
    const mayImprove = agent.answersGiven < state.started.settings.bounds.answersPerAgent && agent.mayOnlyVoteIn !== round.round;
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
  return cast.length > 0 && isDecided(rank(state, cast), undecided(state).length, state);
}

function tallyIfSettled(state: RunState): readonly Fact[] {
  if (undecided(state).length === 0) return settle(state, validBallots(state).length > 0 ? "voted" : "no-votes");
  return isForegone(state) ? settle(state, "decided-early") : [];
}

/** Takes the tally; what is still open cannot change it. */
function settle(state: RunState, how: Tally["how"]): readonly Fact[] {
  return [...cancelOpen(state, how), { type: "tally-taken", ...takeTally(state, how) }];
}

function cancelOpen(state: RunState, how: Tally["how"]): readonly Fact[] {
  return state.openCalls.flatMap((callId) => {
    const call = state.calls.get(callId);
    if (call === undefined || call.cancelled !== undefined) return [];
    return [{ type: "call-cancelled", callId, why: how === "decided-early" && call.request.purpose === "ballot" ? "decided" : "overdue" }];
  });
}
