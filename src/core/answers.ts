import type { AnswerRef } from "./facts/effects.ts";
import type { Answer, RunState } from "./state.ts";

/** The latest version of each answer, in the order in which the answers first came in. */
export function currentAnswers(state: Pick<RunState, "answers">): readonly Answer[] {
  const latest = new Map<string, Answer>();
  for (const answer of state.answers) latest.set(answer.ref.label, answer);
  return [...latest.values()];
}

export function answerOf(state: RunState, ref: AnswerRef): Answer | undefined {
  return state.answers.find((answer) => sameRef(answer.ref, ref));
}

export function sameRef(one: AnswerRef, other: AnswerRef): boolean {
  return one.label === other.label && one.version === other.version;
}

/** Whether `snapshot`, which holds one version of an answer at most, holds every one of `answers`. */
export function covers(snapshot: readonly AnswerRef[], answers: readonly Answer[]): boolean {
  const shown = new Map(snapshot.map(({ label, version }) => [label, version]));
  return answers.every(({ ref }) => shown.get(ref.label) === ref.version);
}

/** The label of the next new answer; there are as many labels as seats, and no seat ever starts more than one answer. */
export function nextLabel(state: RunState): string {
  const used = new Set(state.answers.map(({ ref }) => ref.label));
  return state.started.labels.find((label) => !used.has(label)) ?? `Z${used.size}`;
}

/** What two texts must share to be one answer: all but white space and Unicode form. */
export function essenceOf(text: string): string {
  return text.normalize("NFC").replaceAll(/\s+/gu, " ").trim();
}

/** The current answer that says the same as `text`, if any. */
export function equalAnswer(state: RunState, text: string): Answer | undefined {
  const wanted = essenceOf(text);
  return currentAnswers(state).find(({ essence }) => essence === wanted);
}
