import { answerTokens, contextOf, FEWEST_TOKENS, thinkingTokens } from "../bounds.ts";
import { ratioOf } from "../counting.ts";
import type { FactOf } from "../facts.ts";
import type { AnswerRef, LeftOut } from "../facts/effects.ts";
import type { RunStarted } from "../facts/run.ts";
import type { Turn } from "../facts/settings.ts";
import type { AgentState, Answer, RunState } from "../state.ts";
import { tokensOf, versionsIn } from "./answers-in-prompt.ts";
import { attachmentTokens } from "./attachments-in-prompt.ts";
import { estimatedTokens } from "./estimated-tokens.ts";

/** Tokenizers take more tokens than the estimate for some texts; an engine that refuses a call by a few tokens loses the agent. */
export const ESTIMATE_MARGIN = 1.2;
/** What of a context our own words may take, in tokens. */
const PROTOCOL_TOKENS = 400;

/** What the texts that all prompts share take, estimated. */
interface Conversation {
  readonly question: number;
  /** The longest of the council. */
  readonly persona: number;
  /** The messages before the question, from the n-th on, with their files as the agent reads them for which those take most. */
  readonly from: readonly number[];
  /** Where the rest of those messages begins with the user's turn after a reply; the last is behind all of them. */
  readonly beginnings: readonly number[];
}

const conversations = new WeakMap<RunStarted, Conversation>();

/** Measured once a run: a hundred readers share it. */
export function conversationOf({ started }: RunState): Conversation {
  const known = conversations.get(started) ?? measure(started);
  conversations.set(started, known);
  return known;
}

function measure({ question, history, agents }: RunStarted): Conversation {
  const from = [0];
  const filesOf = ({ attachments }: Turn): number => Math.max(...agents.map((agent) => attachmentTokens(attachments, agent)));
  for (const turn of history.toReversed()) from.push((from.at(-1) ?? 0) + estimatedTokens(turn.text) + 1 + filesOf(turn));
  const isBeginning = (index: number): boolean =>
    index === history.length || (history[index]?.role === "user" && history[index - 1]?.role === "assistant");
  return {
    question: estimatedTokens(question),
    persona: Math.max(...agents.map(({ persona = "" }) => estimatedTokens(persona))),
    from: from.toReversed(),
    beginnings: history.map((_, index) => index + 1).filter(isBeginning),
  };
}

/** What a prompt must leave out: of a draft as its agent's context asks, of what is read over answers as the smallest of the council does. */
export function leaveOut(state: RunState, agent: AgentState, snapshot: readonly AnswerRef[]): LeftOut | undefined {
  if (snapshot.length > 0) return fitting(state, versionsIn(state, snapshot).all, roomForReading(state, snapshot.length));
  const question = questionTokens(state, agent);
  const persona = estimatedTokens(agent.agent.persona ?? "");
  return fitting(state, [], roomFor(state, agent, question + persona + FEWEST_TOKENS * 2));
}

/** What a prompt must leave out that was found to be too long by `excess` estimated tokens. */
export function leaveOutMore(state: RunState, { snapshot, leftOut }: FactOf<"call-requested">, excess: number): LeftOut | undefined {
  const { messages = 0, answerTokens: limit = Infinity } = leftOut ?? {};
  const { all, current } = versionsIn(state, snapshot);
  const shown = tokensOf(all) <= limit ? tokensOf(all) : Math.min(tokensOf(current), limit);
  const found = fitting(state, all, (conversationOf(state).from[messages] ?? 0) + shown - excess);
  return found === undefined ? leftOut : { ...found, messages: Math.max(messages, found.messages) };
}

/** Whole exchanges go first, the oldest before all others; answers are touched once no message is left. */
function fitting(state: RunState, versions: readonly Answer[], room: number): LeftOut | undefined {
  const { from, beginnings } = conversationOf(state);
  const answers = tokensOf(versions);
  if ((from[0] ?? 0) + answers <= room) return undefined;
  const messages = beginnings.find((index) => (from[index] ?? 0) + answers <= room);
  if (messages !== undefined) return { messages };
  const last = beginnings.at(-1) ?? 0;
  if (versions.length > 0) return { messages: last, answerTokens: Math.max(0, Math.floor(room)) };
  return last === 0 ? undefined : { messages: last };
}

/** The question with its files, as an agent reads them. */
function questionTokens(state: RunState, { agent }: AgentState): number {
  return conversationOf(state).question + attachmentTokens(state.started.attachments, agent);
}

/** Estimated tokens for conversation and answers so that each reader who can read any of them fits them all. */
function roomForReading(state: RunState, answers: number): number {
  const { persona } = conversationOf(state);
  const rooms = state.agents
    .filter(({ out }) => out === undefined)
    .map((agent) => roomFor(state, agent, questionTokens(state, agent) + persona + PROTOCOL_TOKENS));
  const able = rooms.filter((room) => room >= answers * FEWEST_TOKENS);
  return able.length > 0 ? Math.min(...able) : Math.max(0, ...rooms);
}

/**
 * What is left of an agent's context, in estimated tokens, beside `fixed` ones and what it may write. A quarter of the context is left in
 * any case, as far as the rest fits then.
 */
function roomFor(state: RunState, agent: AgentState, fixed: number): number {
  const context = contextOf(state, agent);
  if (context === undefined) return Infinity;
  const ours = ratioOf(state.counting[agent.agent.model]) * ESTIMATE_MARGIN;
  const written = Math.min(context / 2, answerTokens(state) + thinkingTokens(state, agent));
  const all = context / ours - fixed;
  return Math.floor(Math.max(all - written / ours, Math.min(context / ours / 4, all)));
}
