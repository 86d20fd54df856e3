import { currentAnswers, sameRef } from "./answers.ts";
import type { Ballot, Standing, Tally } from "./facts/coordination.ts";
import type { Settings } from "./facts/settings.ts";
import type { RunState } from "./state.ts";

const SELF_VOTE_WEIGHT: Readonly<Record<Settings["voting"]["selfVotes"], number>> = { count: 1, discount: 0.5, exclude: 0 };

/** The votes that count, in the order of registration. */
export function validBallots(state: RunState): readonly Ballot[] {
  const answers = currentAnswers(state);
  return state.agents.flatMap(({ agent, vote }) => {
    if (vote?.counts !== true) return [];
    const { callId, choice, reason } = vote;
    const own = answers.some(({ ref, authors }) => sameRef(ref, choice) && authors.includes(agent.id));
    const weight = own ? SELF_VOTE_WEIGHT[state.started.settings.voting.selfVotes] : 1;
    return [{ agent: agent.id, callId, choice, reason, weight }];
  });
}

interface Ranked {
  readonly standing: Standing;
  readonly seat: number;
}

/** Where votes are equal the lowest seat leads: agents that are still in come first, then the order of registration. */
function seatsOf({ agents }: RunState): (author: string) => number {
  const seats = new Map(agents.map(({ agent, out }, index) => [agent.id, out === undefined ? index : index + agents.length]));
  return (author) => seats.get(author) ?? Infinity;
}

/** All current answers, the leader first. */
function rank(state: RunState, ballots: readonly Ballot[]): readonly Ranked[] {
  const seatOf = seatsOf(state);
  const votes = new Map<string, number>();
  for (const { choice, weight } of ballots) votes.set(choice.label, (votes.get(choice.label) ?? 0) + weight);
  return currentAnswers(state)
    .map(({ ref, authors }) => ({
      standing: { ...ref, authors, votes: votes.get(ref.label) ?? 0 },
      seat: Math.min(...authors.map(seatOf)),
    }))
    .sort((one, other) => other.standing.votes - one.standing.votes || one.seat - other.seat);
}

/** Whether `open` more votes, all for the same other answer, would leave the leader where it is. */
export function isDecided(state: RunState, ballots: readonly Ballot[], open: number): boolean {
  const [leader, ...others] = rank(state, ballots);
  if (leader === undefined) return false;
  return others.every(({ standing, seat }) => {
    const lead = leader.standing.votes - standing.votes - open;
    return lead > 0 || (lead === 0 && leader.seat < seat);
  });
}

/** The count as it stands now. There must be an answer. */
export function takeTally(state: RunState, how: Tally["how"]): Tally {
  const ballots = validBallots(state);
  const standings = rank(state, ballots).map(({ standing }) => standing);
  const [first, second] = standings;
  const seatOf = seatsOf(state);
  const [winner] = first?.authors.toSorted((one, other) => seatOf(one) - seatOf(other)) ?? [];
  if (first === undefined || winner === undefined) throw new Error("a tally needs an answer");
  return {
    rule: state.started.settings.voting.rule,
    how,
    standings,
    ballots,
    abstained: state.agents.flatMap(({ agent, abstains }) => (abstains === undefined ? [] : [{ agent: agent.id, why: abstains }])),
    tie: second !== undefined && first.votes > 0 && second.votes === first.votes,
    winner,
  };
}
