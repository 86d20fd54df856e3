import { currentAnswers, sameRef } from "../answers.ts";
import type { AnswerRef } from "../facts/effects.ts";
import type { Answer, RunState } from "../state.ts";
import { estimatedTokens } from "./estimated-tokens.ts";
import { fenced } from "./fence.ts";
import { type PromptName, say } from "./texts.ts";

/** What label and fence of one answer take. */
const FENCE_TOKENS = 12;
/** An answer shorter than this, in characters, is no longer than the note that it was shortened. */
const SHORTEST_SHORTENED = 80;

/** Every version of the answers up to a snapshot, in the order of submission, and those of them that are not replaced. */
export function versionsIn(
  { answers }: Pick<RunState, "answers">,
  snapshot: readonly AnswerRef[],
): { readonly all: readonly Answer[]; readonly current: readonly Answer[] } {
  const upTo = Math.max(-1, ...snapshot.map((ref) => answers.findIndex((answer) => sameRef(answer.ref, ref))));
  const all = answers.slice(0, upTo + 1);
  return { all, current: currentAnswers({ answers: all }) };
}

/**
 * The answers of a snapshot as all readers see them: every version in the order of submission, so that what was read before stays in
 * place. Where that takes more than `room` estimated tokens, replaced versions are left out first, then long answers are shortened, always
 * with a note.
 */
export function answersInPrompt(state: RunState, snapshot: readonly AnswerRef[], room = Infinity): string {
  const { all, current } = versionsIn(state, snapshot);
  const shown = tokensOf(all) <= room ? all : current;
  const most = fairShare(shown, room);
  const overrides = state.started.settings.prompts;
  return shown.map((answer) => show(answer, most, (name, values) => say(overrides, name, values))).join("\n\n");
}

const measured = new WeakMap<Answer, number>();

function readingTokens(answer: Answer): number {
  const tokens = measured.get(answer) ?? estimatedTokens(answer.text) + FENCE_TOKENS;
  measured.set(answer, tokens);
  return tokens;
}

/** What answers take in a prompt, estimated. */
export function tokensOf(answers: readonly Answer[]): number {
  return answers.reduce((total, answer) => total + readingTokens(answer), 0);
}

/** The most tokens each answer may take so that all fit: short ones keep their length, long ones share what is left. */
function fairShare(answers: readonly Answer[], room: number): number {
  if (tokensOf(answers) <= room) return Infinity;
  let left = room;
  const ascending = answers.map(readingTokens).sort((one, other) => one - other);
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
  const kept = shortened(answer, mostTokens);
  const note = kept.length < answer.text.length ? `\n${words("shortened")}` : answer.truncated ? `\n${words("truncated")}` : "";
  return `${heading}${fenced(label, kept + note)}`;
}

function shortened(answer: Answer, mostTokens: number): string {
  const { text } = answer;
  const tokens = readingTokens(answer);
  if (tokens <= mostTokens || text.length < SHORTEST_SHORTENED) return text;
  return text.slice(0, Math.floor((text.length * Math.max(0, mostTokens - FENCE_TOKENS)) / tokens));
}
