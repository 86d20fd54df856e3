import { BALLOT } from "../core/ballots/ballot-names.ts";
import { plainText } from "../core/ballots/loose-json.ts";
import { marksOf } from "../core/ballots/marks-of.ts";
import { findTextCalls } from "../core/ballots/text-calls.ts";
import type { ToolCall } from "../core/facts/outcome.ts";

/** Texts longer than this hold something else than a call. */
const LONGEST_TEXT = 64_000;

/** Calls of the ballot that a model wrote as text instead of making them. Only calls with one choice count; of a text that was cut, only whole ones. */
export function findTextToolCalls(text: string, isCut = false): readonly ToolCall[] {
  if (text.length > LONGEST_TEXT) return [];
  const calls = findTextCalls(text, isCut).filter(({ input }) => marksOf(input).length === 1);
  return calls.map(({ input }, index) => ({ id: `text-call-${index + 1}`, name: BALLOT, input: plainText(input) }));
}
