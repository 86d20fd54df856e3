import { exhausted } from "../../bounds.ts";
import { answerOf, currentAnswers } from "../../answers.ts";
import type { Loss, Tally } from "../../facts/coordination.ts";
import type { Fact } from "../../facts.ts";
import type { Ending, RunEnded } from "../../facts/run.ts";
import { closeOpen } from "./close-calls.ts";
import { takeTally, validBallots } from "../../standings.ts";
import type { Answer, RunState } from "../../state.ts";

interface Result {
  readonly outcome: Ending;
  readonly text: string | null;
  readonly truncated: boolean;
  readonly presenter: string | null;
}

const isBusy = ({ openCalls, openTools }: RunState): boolean => openCalls.length + openTools.length > 0;

/** The last facts of a run: nothing stays open. What is still open is closed first; the settlements come before the end. */
export function endWith(state: RunState, result: Result): readonly Fact[] {
  if (isBusy(state)) return closeOpen(state, () => "overdue");
  return [...settledTimers(state), runEnded(state, result)];
}

/** A bound was hit or a person stopped the run: the leading answer is the result as it stands. */
export function endEarly(state: RunState, outcome: Extract<Ending, "stopped" | "out-of-time" | "out-of-tokens">): readonly Fact[] {
  if (isBusy(state)) return closeOpen(state, () => (outcome === "stopped" ? "stopped" : "bound"));
  if (currentAnswers(state).length === 0) return endWith(state, { outcome, text: null, truncated: false, presenter: null });
  if (state.tally === undefined) return [{ type: "tally-taken", ...takeTally(state, howItStands(state)) }];
  const { text, truncated } = winningAnswer(state, state.tally);
  return endWith(state, { outcome, text, truncated, presenter: null });
}

function howItStands(state: RunState): Tally["how"] {
  if (validBallots(state).length > 0) return "voted";
  return currentAnswers(state).length === 1 ? "unopposed" : "no-votes";
}

export function winningAnswer(state: RunState, tally: Tally): Answer {
  const [first] = tally.standings;
  const answer = first === undefined ? undefined : answerOf(state, first);
  if (answer === undefined) throw new Error("the tally names an answer that was never submitted");
  return answer;
}

function settledTimers(state: RunState): readonly Fact[] {
  return state.timers.map(({ timerId }) => ({ type: "timer-settled", timerId, how: "not-needed" }));
}

function runEnded(state: RunState, { outcome, text, truncated, presenter }: Result): RunEnded {
  const lost = losses(state);
  return {
    type: "run-ended",
    outcome,
    answer: text,
    truncated,
    winner: state.tally?.winner ?? null,
    presenter,
    tally: state.tally ?? null,
    degraded: lost.length === 0 ? null : { lost, of: state.agents.length },
    usage: state.usage,
    elapsedMs: state.clock.elapsed,
    calls: state.calls.size,
  };
}

const unanswered = {
  "out-of-time": "gave no answer in time",
  "out-of-tokens": "had given no answer when the tokens of the run were used up",
  stopped: "had given no answer when the run was stopped",
} as const;

/** Who was lost and why: out, or without an answer to the end. */
function losses(state: RunState): readonly Loss[] {
  return state.agents.flatMap(({ agent, out, draftGivenUp, answersGiven, failures }) => {
    if (out !== undefined) return [out];
    if (answersGiven > 0) return [];
    if (draftGivenUp !== undefined) return [{ agent: agent.id, why: draftGivenUp }];
    const failure = failures.at(-1)?.failure;
    const late = unanswered[exhausted(state) ?? "out-of-time"];
    return [failure === undefined ? { agent: agent.id, why: late } : { agent: agent.id, why: `${late}: ${failure.message}`, failure }];
  });
}
