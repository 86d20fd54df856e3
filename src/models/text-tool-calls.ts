import { BALLOT } from "../core/ballots/ballot-names.ts";
import { plainText } from "../core/ballots/loose-json.ts";
import { marksOf } from "../core/ballots/marks-of.ts";
import { findTextCalls } from "../core/ballots/text-calls.ts";
import type { ToolCall } from "../core/facts/outcome.ts";
import { isJson, parseJson } from "./backends/chatcompletion/wire.ts";

/** Texts longer than this hold something else than a call. */
const LONGEST_TEXT = 64_000;

/** Calls of the ballot that a model wrote as text instead of making them. Only calls with one choice count; of a text that was cut, only whole ones. */
export function findTextToolCalls(text: string, isCut = false): readonly ToolCall[] {
  if (text.length > LONGEST_TEXT) return [];
  const calls = findTextCalls(text, isCut).filter(({ input }) => marksOf(input).length === 1);
  return calls.map(({ input }, index) => ({ id: `text-call-${index + 1}`, name: BALLOT, input: plainText(input) }));
}

/** As templates of Qwen and Hermes have models write them; the end may be missing. */
const TAGGED = /<tool_call>\s*(\{[\s\S]*?\})\s*(?:<\/tool_call>|$)/gu;

/**
 * Calls of offered tools that a model wrote into its text and its engine left there: between tags, or as the whole of it. Nothing where one of
 * them is no call, since a text may be about calls.
 */
export function findOfferedCalls(
  text: string,
  offered: readonly string[],
): { readonly text: string; readonly toolCalls: readonly ToolCall[] } | undefined {
  if (text.length > LONGEST_TEXT) return undefined;
  const tagged = [...text.matchAll(TAGGED)].map(([, json = ""]) => json);
  const written = tagged.length > 0 ? tagged : [text.trim()];
  const calls = written.map((json, index) => offeredCall(json, offered, `text-call-${index + 1}`));
  const toolCalls = calls.filter((call) => call !== undefined);
  if (toolCalls.length === 0 || toolCalls.length < calls.length) return undefined;
  return { text: tagged.length > 0 ? text.replaceAll(TAGGED, "").trim() : "", toolCalls };
}

function offeredCall(json: string, offered: readonly string[], id: string): ToolCall | undefined {
  const value = json.startsWith("{") ? parseJson(json) : undefined;
  if (!isJson(value) || typeof value.name !== "string" || !offered.includes(value.name)) return undefined;
  const input = value.arguments ?? value.parameters;
  if (isJson(input)) return { id, name: value.name, input: JSON.stringify(input) };
  return typeof input === "string" && isJson(parseJson(input)) ? { id, name: value.name, input } : undefined;
}
