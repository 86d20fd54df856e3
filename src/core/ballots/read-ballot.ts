import type { FactOf } from "../facts.ts";
import type { Reply } from "../facts/outcome.ts";

/** The name of a ballot's schema and of its tool. */
export const BALLOT = "ballot";
/** The choice that is no label. */
export const IMPROVE = "improve";
/** In characters. */
export const LONGEST_REASON = 240;

export type ReadBallot =
  | { readonly type: "choice"; readonly choice: string; readonly reason: string }
  | { readonly type: "refused"; readonly why: FactOf<"reply-refused">["why"] };

interface Marked {
  readonly choice: string;
  readonly reason: string;
}

/**
 * Reads one choice out of a reply to a ballot, in whatever shape it came: tool call, JSON, JSON inside prose, labelled lines.
 * Never guesses: prose that merely mentions a label is no choice.
 * @param labels the labels shown
 */
export function readBallot(reply: Reply, labels: readonly string[], mayImprove: boolean): ReadBallot {
  const { toolCalls } = reply;
  if (toolCalls.some(({ name }) => name !== BALLOT)) return { type: "refused", why: "unknown-tool" };
  if (toolCalls.length > 1) return { type: "refused", why: "several-choices" };
  const [call] = toolCalls;
  const marked = call === undefined ? readText(reply.text) : readObjects(call.input);
  return settle(marked, labels, mayImprove);
}

function settle(marked: readonly Marked[], labels: readonly string[], mayImprove: boolean): ReadBallot {
  const [first] = marked;
  if (first === undefined) return { type: "refused", why: "no-choice" };
  const choices = new Set(marked.map(({ choice }) => canonical(choice, labels)));
  if (choices.size > 1) return { type: "refused", why: "several-choices" };
  const [choice] = choices;
  if (choice === undefined) return { type: "refused", why: "unknown-label" };
  if (choice === IMPROVE && !mayImprove) return { type: "refused", why: "may-not-improve" };
  return { type: "choice", choice, reason: first.reason.slice(0, LONGEST_REASON) };
}

/** The label or `improve` that a model meant by `answer b`, `"B".` or `**B**`; undefined for anything else. */
function canonical(choice: string, labels: readonly string[]): string | undefined {
  const bare = choice
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} ]/gu, " ")
    .replace(/^\s*(?:answer|choice|agent|option)\s+/u, "")
    .trim();
  if (bare === IMPROVE) return IMPROVE;
  return labels.find((label) => label.toLowerCase() === bare);
}

function readText(text: string): readonly Marked[] {
  const objects = readObjects(text);
  return objects.length > 0 ? objects : readLabelled(text);
}

/** Every JSON object in the text that has a choice. */
function readObjects(text: string): readonly Marked[] {
  return jsonObjects(text).flatMap((json) => {
    const value = parsed(json);
    const choice = field(value, ["choice", "vote", "answer", "label"]);
    return choice === undefined ? nested(value) : [{ choice, reason: field(value, ["reason", "why"]) ?? "" }];
  });
}

/** `{"name":"ballot","arguments":{…}}` and its relatives, where a call came as text. */
function nested(value: unknown): readonly Marked[] {
  for (const key of ["arguments", "parameters", "input", "ballot"]) {
    const inner = isObject(value) ? value[key] : undefined;
    if (isObject(inner)) return readObjects(JSON.stringify(inner));
    if (typeof inner === "string" && inner.includes("{")) return readObjects(inner);
  }
  return [];
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function field(value: unknown, names: readonly string[]): string | undefined {
  if (!isObject(value)) return undefined;
  for (const [key, found] of Object.entries(value)) {
    if (names.includes(key.toLowerCase()) && typeof found === "string") return found;
  }
  return undefined;
}

/** The outermost `{…}` spans of a text, in one pass; braces inside strings do not count. */
function jsonObjects(text: string): readonly string[] {
  const found: string[] = [];
  let depth = 0;
  let start = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (inString) {
      if (character === "\\") index++;
      else if (character === '"') inString = false;
    } else if (character === '"' && depth > 0) inString = true;
    else if (character === "{" && depth++ === 0) start = index;
    else if (character === "}" && depth > 0 && --depth === 0) found.push(text.slice(start, index + 1));
  }
  return found;
}

/** Lines such as `CHOICE: B` with, somewhere before or after, `REASON: …`. */
function readLabelled(text: string): readonly Marked[] {
  const line = (name: string): RegExp => new RegExp(`^[\\s>*_#-]*${name}[\\s*_]*[:=][\\s*_]*(.+)$`, "gimu");
  const reason = [...text.matchAll(line("reason"))][0]?.[1]?.trim() ?? "";
  const labelled = [...text.matchAll(line("(?:choice|vote)"))].map((match) => ({ choice: match[1] ?? "", reason }));
  if (labelled.length > 0) return labelled;
  const alone = text.trim();
  return alone.length > 0 && alone.length <= LONGEST_BARE_CHOICE && !/\s\S+\s/u.test(alone) ? [{ choice: alone, reason: "" }] : [];
}

/** A reply of one or two words is its choice: `B`, `Answer B`, `improve`. */
const LONGEST_BARE_CHOICE = 16;
