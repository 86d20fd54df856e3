import type { FactOf } from "../facts.ts";
import type { Reply } from "../facts/outcome.ts";
import { IMPROVE } from "./ballot-names.ts";
import { choiceOf } from "./choice-of.ts";
import { exactObjects, isInside } from "./exact-objects.ts";
import { labelledMarks } from "./labelled-marks.ts";
import { looseObjects } from "./loose-json.ts";
import { isBallot, marksOf, type Marked } from "./marks-of.ts";
import { findTextCalls } from "./text-calls.ts";

export { BALLOT, IMPROVE } from "./ballot-names.ts";
/** In characters. */
export const LONGEST_REASON = 240;

export type ReadBallot =
  | { readonly type: "choice"; readonly choice: string; readonly reason: string }
  | { readonly type: "refused"; readonly why: FactOf<"reply-refused">["why"] };

/**
 * Reads one choice out of a reply to a ballot, in whatever shape it came: tool call, JSON, JSON inside prose, labelled lines.
 * Never guesses: prose that merely mentions a label is no choice.
 * @param labels the labels shown
 */
export function readBallot(reply: Reply, labels: readonly string[], mayImprove: boolean): ReadBallot {
  const { toolCalls } = reply;
  if (toolCalls.some(({ name }) => !isBallot(name))) return { type: "refused", why: "unknown-tool" };
  if (toolCalls.length > 1) return { type: "refused", why: "several-choices" };
  const called = readObjects(decoded(toolCalls[0]?.input ?? ""), labels);
  const marked = called.length > 0 ? called : readText(ownText(reply), isCut(reply), labels);
  return settle(marked, labels, mayImprove);
}

function settle(marked: readonly Marked[], labels: readonly string[], mayImprove: boolean): ReadBallot {
  const [first] = marked;
  if (first === undefined) return { type: "refused", why: "no-choice" };
  const choices = new Set(marked.map(({ choice }) => choiceOf(choice, labels)));
  if (choices.size > 1) return { type: "refused", why: "several-choices" };
  const [choice] = choices;
  if (choice === undefined) return { type: "refused", why: "unknown-label" };
  if (choice === IMPROVE && !mayImprove) return { type: "refused", why: "may-not-improve" };
  const reason = first.reason.slice(0, LONGEST_REASON);
  return { type: "choice", choice, reason: isForm(reason) ? "" : reason };
}

/** Small models fill in words of the form itself (`choice`, `choiceA`); whoever words the final answer would only repeat them. */
function isForm(reason: string): boolean {
  return /^[^\p{L}]*(?:(?:[Rr]eason|REASON|[Cc]hoice|CHOICE|[Ii]mprove|IMPROVE)[^\p{L}]*)+[A-Z]?[^\p{L}]*$/u.test(reason);
}

function readText(text: string, isCut: boolean, labels: readonly string[]): readonly Marked[] {
  const marked = [...readObjects(text, labels), ...findTextCalls(text, isCut).flatMap(({ input }) => marksOf(input))];
  if (marked.length > 0) return marked;
  const lines = isCut ? finishedLines(text) : text;
  const labelled = labelledMarks(lines);
  return labelled.length > 0 ? labelled : readBare(lines, labels);
}

function isCut({ finish }: Reply): boolean {
  return finish === "length" || finish === "cut";
}

/** In a reply that was cut, `CHOICE: C` at its very end may have become anything, and a quotation may have been only its beginning. */
function finishedLines(text: string): string {
  const lines = /\s\s$/u.test(text) ? text : text.slice(0, text.lastIndexOf("\n") + 1);
  return lines.replaceAll(/^[ \t]{0,8}>.*$/gmu, "");
}

/**
 * The ballot is the model's, what stands in an answer is its author's. Models that think put all of their reply into `<answer>`; without
 * thinking only a label may stand there, because anything longer could be quoted. What a reason quotes stays in it.
 */
function ownText(reply: Reply): string {
  const text = decoded(reply.text);
  const exact = text.includes("<") ? exactObjects(text) : [];
  const own = text.replaceAll(/<answer(?:\s[^<>]{0,80})?>[\s\S]*?(?:<\/answer\s?>|$)/giu, (quoted, at: number) =>
    isInside(exact, at) ? quoted : " ",
  );
  if (own === text || own.trim() !== "") return own;
  const inside = /^\s*<answer>([^<]*)<\/answer>\s*$/iu.exec(text)?.[1]?.trim() ?? "";
  return reply.reasoning !== undefined || /^[\p{L}*._]{1,12}$/u.test(inside) ? inside : "";
}

/** Fields without the braces around them. */
const NO_BRACES = /^\s*["“](?:reason|choice)["”]\s*:/iu;
/** What stands before an object that is spoken about, not handed in. */
const MENTIONED =
  /(?:\b(?:not|never)|n['’]t)\s+(?:\w+\s+){0,2}$|\b(?:for (?:example|instance)|e\.g|such as|instead of)[^\w{}\n]*(?:\w+[^\w{}\n]+){0,2}$/iu;

/** Every choice in the JSON objects of a text. Where an object had to be repaired, every choice the text names must agree. */
function readObjects(text: string, labels: readonly string[]): readonly Marked[] {
  const found = looseObjects(NO_BRACES.test(text) ? `{${text}` : text).filter(
    ({ start }) => !MENTIONED.test(text.slice(Math.max(0, start - 40), start)),
  );
  const marked = found.flatMap(({ value }) => marksOf(value));
  if (marked.length === 0 && text.includes('\\"')) return readObjects(text.replaceAll('\\"', '"'), labels);
  return marked.length === 0 || found.every(({ exact }) => exact) ? marked : [...marked, ...namedAnywhere(text, labels)];
}

function namedAnywhere(text: string, labels: readonly string[]): readonly Marked[] {
  return [...text.matchAll(/\bchoice["'”’`]?\s{0,8}[:=]\s{0,8}["'“‘`]?(\w{1,40})/giu)].flatMap(([, choice = ""]) =>
    choiceOf(choice, labels) === undefined ? [] : [{ choice, reason: "" }],
  );
}

/** JSON text that was made JSON text once more. */
function decoded(text: string): string {
  const inner = text.trimStart().startsWith('"') ? parsed(text) : undefined;
  return typeof inner === "string" ? decoded(inner) : text;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** In characters; a reply that is longer says more than its choice. */
const LONGEST_BARE_CHOICE = 40;

/** A reply that says nothing but its choice: `B`, `Answer B`, `improve`, `I choose B.` Of one or two words, at least it meant to. */
function readBare(text: string, labels: readonly string[]): readonly Marked[] {
  const choice = text.trim();
  const isShort = choice.split(/\s+/u, 3).length < 3 && !/[:"]/u.test(choice);
  if (choice === "" || choice.length > LONGEST_BARE_CHOICE || /[{[(<][^}\])>]*$/u.test(choice)) return [];
  return isShort || choiceOf(choice, labels) !== undefined ? [{ choice, reason: "" }] : [];
}
