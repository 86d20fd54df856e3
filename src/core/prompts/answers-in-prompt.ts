import { currentAnswers, sameRef } from "../answers.ts";
import { CHARACTERS_PER_TOKEN, answerTokens, smallestContext } from "../bounds.ts";
import type { AnswerRef } from "../facts/effects.ts";
import type { Answer, RunState } from "../state.ts";
import { fenced } from "./fence.ts";
import { type PromptName, say } from "./texts.ts";

/** What of a context our own words, labels and fences may take, in tokens. */
const PROTOCOL_TOKENS = 400;

/**
 * The answers of a snapshot as all readers see them: every version in the order of submission, so that what was read before stays in
 * place. Where that would not fit the smallest context of the council, replaced versions are left out first, then long answers are
 * shortened, always with a note.
 */
export function answersInPrompt(state: RunState, snapshot: readonly AnswerRef[]): string {
  const upTo = Math.max(...snapshot.map((ref) => state.answers.findIndex((answer) => sameRef(answer.ref, ref))));
  const history = state.answers.slice(0, upTo + 1);
  const room = roomForAnswers(state);
  const current = currentAnswers({ ...state, answers: history });
  const shown = tokensOf(history) <= room ? history : current;
  const most = fairShare(shown, room);
  const overrides = state.started.settings.prompts;
  return shown.map((answer) => show(answer, most, (name, values) => say(overrides, name, values))).join("\n\n");
}

/** Tokens the answers of one prompt may take together: the smallest context without the question, our words and one more answer. */
function roomForAnswers(state: RunState): number {
  const context = smallestContext(state);
  if (context === undefined) return Infinity;
  const { question, history, agents } = state.started;
  const conversation = history.reduce((total, { text }) => total + text.length, question.length);
  const persona = Math.max(...agents.map((agent) => agent.persona?.length ?? 0));
  const room = context - PROTOCOL_TOKENS - answerTokens(state) - Math.ceil((conversation + persona) / CHARACTERS_PER_TOKEN);
  return Math.max(room, Math.floor(context / 4));
}

function tokensOf(answers: readonly Answer[]): number {
  return answers.reduce((total, { tokens }) => total + tokens, 0);
}

/** The most tokens each answer may take so that all fit: short ones keep their length, long ones share what is left. */
function fairShare(answers: readonly Answer[], room: number): number {
  if (tokensOf(answers) <= room) return Infinity;
  let left = room;
  const ascending = answers.map(({ tokens }) => tokens).sort((one, other) => one - other);
  for (const [index, tokens] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - index));
    if (tokens > share) return share;
    left -= tokens;
  }
  return Infinity;
}

function show(answer: Answer, mostTokens: number, words: (name: PromptName, values?: Record<string, string>) => string): string {
  const { label, version } = answer.ref;
  const heading = version === 1 ? "" : `${words("replaced", { label })}\n`;
  const kept =
    answer.tokens <= mostTokens ? answer.text : answer.text.slice(0, Math.floor((answer.text.length * mostTokens) / answer.tokens));
  const note = kept.length < answer.text.length ? `\n${words("shortened")}` : answer.truncated ? `\n${words("truncated")}` : "";
  return `${heading}${fenced(label, kept + note)}`;
}
