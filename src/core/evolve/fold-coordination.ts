import type { Tally } from "../facts/coordination.ts";
import type { FactOf } from "../facts.ts";
import { covers, currentAnswers, essenceOf } from "../answers.ts";
import type { AgentState, Answer, RunState } from "../state.ts";
import { settledDown, withAgent } from "./change-state.ts";

export function answered(state: RunState, event: FactOf<"answer-submitted">): RunState {
  const { label, version, authors, origin, text, tokens, truncated } = event;
  const answer: Answer = { ref: { label, version }, authors, origin, text, essence: essenceOf(text), tokens, truncated };
  return authors.reduce<RunState>((next, author) => withAgent(next, author, (agent) => gave(agent, state, origin)), {
    ...state,
    agents: state.agents.map(stale),
    answers: [...state.answers.map((other) => leave(other, label, authors)), answer],
  });
}

/** A vote made over fewer answers than there are was stale when it came in. */
export function voted(state: RunState, vote: FactOf<"vote-cast">): RunState {
  const counts = covers(vote.snapshot, currentAnswers(state));
  return withAgent(state, vote.agent, (agent) => ({ ...settledDown(agent), vote: { ...vote, counts }, mayOnlyVote: false }));
}

/** Nobody who has voted can have been shown what came in just now. */
function stale(agent: AgentState): AgentState {
  return agent.vote === undefined ? agent : { ...agent, vote: { ...agent.vote, counts: false } };
}

/** Who starts an answer of its own is no author of the shared one any more. */
function leave(answer: Answer, label: string, authors: readonly string[]): Answer {
  if (answer.ref.label === label || !answer.authors.some((author) => authors.includes(author))) return answer;
  return { ...answer, authors: answer.authors.filter((author) => !authors.includes(author)) };
}

export function joined(state: RunState, event: FactOf<"author-joined">): RunState {
  const joinedAnswer = state.answers.findLast(({ ref }) => ref.label === event.label);
  const answers = state.answers.map((answer) =>
    answer === joinedAnswer ? { ...answer, authors: [...answer.authors, event.agent] } : answer,
  );
  return withAgent({ ...state, answers }, event.agent, (agent) => gave(agent, state, "draft"));
}

function gave(agent: AgentState, state: RunState, origin: Answer["origin"]): AgentState {
  const given = { ...settledDown(agent), answersGiven: agent.answersGiven + 1 };
  if (origin === "improvement") return given;
  const draftTook = agent.draftStartedAt === undefined ? 0 : state.clock.elapsed - agent.draftStartedAt;
  return { ...given, draft: "answered", draftTook };
}

export function abstained(state: RunState, event: FactOf<"agent-abstained">): RunState {
  return withAgent(state, event.agent, (agent) => {
    const rested = settledDown(agent);
    switch (event.from) {
      case "draft":
        return { ...rested, draft: "given-up", draftGivenUp: event.why };
      case "ballot":
        return { ...rested, abstains: event.why };
      case "improvement":
        return { ...rested, mayOnlyVote: true };
      case "presentation":
        return { ...rested, cannotPresent: true };
    }
  });
}

/** Without its place in the log: the tally is quoted again at the end of the run. */
export function tallyOf({ rule, how, standings, ballots, abstained, tie, winner }: FactOf<"tally-taken">): Tally {
  return { rule, how, standings, ballots, abstained, tie, winner };
}

export function out(state: RunState, { agent: id, why, failure }: FactOf<"agent-out">): RunState {
  const loss = { agent: id, why, ...(failure === undefined ? {} : { failure }) };
  return withAgent(state, id, (agent) => ({ ...settledDown(agent), out: loss }));
}

export function noticed(state: RunState, { about, agent: id }: FactOf<"notice">): RunState {
  if (about === "left-out") return { ...state, leavingOutTold: true };
  if (about === undefined || id === undefined) return state;
  return withAgent(state, id, (agent) => ({ ...agent, ...(about === "lost" ? { lossTold: true } : { refusesTools: true }) }));
}
