import { covers, currentAnswers, sameRef } from "./answers.ts";
import type { Ballot, Standing, Tally } from "./facts/coordination.ts";
import type { Settings } from "./facts/settings.ts";
import type { AgentState, Answer, RunState } from "./state.ts";

const SELF_VOTE_WEIGHT: Readonly<Record<Settings["voting"]["selfVotes"], number>> = { count: 1, discount: 0.5, exclude: 0 };

/** A vote counts while its answer is current and its voter had been shown every current answer. */
export function hasValidVote(state: RunState, { vote }: AgentState): boolean {
  if (vote === undefined) return false;
  const answers = currentAnswers(state);
  return covers(vote.snapshot, answers) && answers.some(({ ref }) => sameRef(ref, vote.choice));
}

export function validBallots(state: RunState): readonly Ballot[] {
  const answers = currentAnswers(state);
  return state.agents.flatMap((agent) => {
    if (agent.vote === undefined || !hasValidVote(state, agent)) return [];
    const { callId, choice, reason } = agent.vote;
    const own = answers.some(({ ref, authors }) => sameRef(ref, choice) && authors.includes(agent.agent.id));
    const weight = own ? SELF_VOTE_WEIGHT[state.started.settings.voting.selfVotes] : 1;
    return [{ agent: agent.agent.id, callId, choice, reason, weight }];
  });
}

/** Where an answer stands when votes are equal: answers of agents that are still in come first, then the order of registration. */
function seatRank(state: RunState, answer: Answer): number {
  const seats = answer.authors.map((author) => {
    const index = state.agents.findIndex(({ agent }) => agent.id === author);
    return state.agents[index]?.out === undefined ? index : index + state.agents.length;
  });
  return Math.min(...seats);
}

/** All current answers, the leader first. */
export function rank(state: RunState, ballots: readonly Ballot[]): readonly Standing[] {
  return currentAnswers(state)
    .map((answer) => {
      const votes = ballots.filter(({ choice }) => sameRef(choice, answer.ref)).reduce((total, { weight }) => total + weight, 0);
      return { standing: { ...answer.ref, authors: answer.authors, votes }, seat: seatRank(state, answer) };
    })
    .sort((one, other) => other.standing.votes - one.standing.votes || one.seat - other.seat)
    .map(({ standing }) => standing);
}

/** Whether `open` more votes, all for the same other answer, would leave the leader where it is. */
export function isDecided(standings: readonly Standing[], open: number, state: RunState): boolean {
  const [leader, ...others] = standings;
  if (leader === undefined) return false;
  const answers = currentAnswers(state);
  const seat = (standing: Standing): number => {
    const answer = answers.find(({ ref }) => sameRef(ref, standing));
    return answer === undefined ? Infinity : seatRank(state, answer);
  };
  return others.every((other) => other.votes + open < leader.votes || (other.votes + open === leader.votes && seat(leader) < seat(other)));
}

/** The count as it stands now. There must be an answer. */
export function takeTally(state: RunState, how: Tally["how"]): Tally {
  const ballots = validBallots(state);
  const standings = rank(state, ballots);
  const [first, second] = standings;
  if (first === undefined) throw new Error("a tally needs an answer");
  return {
    rule: state.started.settings.voting.rule,
    how,
    standings,
    ballots,
    abstained: state.agents.flatMap(({ agent, abstains }) => (abstains === undefined ? [] : [{ agent: agent.id, why: abstains }])),
    tie: second !== undefined && first.votes > 0 && second.votes === first.votes,
    winner: firstAuthor(state, first.authors),
  };
}

function firstAuthor(state: RunState, authors: readonly string[]): string {
  const seated = state.agents.filter(({ agent }) => authors.includes(agent.id));
  const winner = seated.find(({ out }) => out === undefined) ?? seated[0];
  if (winner === undefined) throw new Error("an answer needs an author who has a seat");
  return winner.agent.id;
}
