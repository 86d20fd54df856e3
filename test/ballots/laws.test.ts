import fc from "fast-check";
import { expect, test } from "vitest";
import { readBallot } from "../../src/core/ballots/read-ballot.ts";
import type { Reply } from "../../src/core/facts/outcome.ts";
import { findTextToolCalls } from "../../src/models/text-tool-calls.ts";
import { everyEntry } from "./corpus/every-entry.ts";

const LABELS = ["A", "B", "C"];

function read(
  text: string,
  { asCall = false, finish = "stop" }: { readonly asCall?: boolean; readonly finish?: "stop" | "length" } = {},
): string {
  const toolCalls = asCall ? [{ id: "1", name: "ballot", input: text }] : [];
  const reply: Reply = {
    type: "replied",
    text: asCall ? "" : text,
    toolCalls,
    finish,
    usage: { inputTokens: 1, outputTokens: 1, estimated: true },
  };
  const result = readBallot(reply, LABELS, true);
  return result.type === "choice" ? result.choice : result.type;
}

const shards = fc.constantFrom(
  ...'{|}|[|]|(|)|"|\'|“|”|\\|\\"|:|,|=|\n| |choice|reason|ballot|CHOICE: |REASON: |A|B|or|<tool_call>|</tool_call>|<answer name="A">|</answer>'.split(
    "|",
  ),
  ..."<function=ballot>|<parameter=choice>|<arg_key>|ballot(|[TOOL_CALLS]|<think>|</think>|improve|null|\u{1F600}|> |```json\n".split("|"),
);

test("whatever a model writes, reading it gives a choice or a refusal, never an error", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.array(shards, { maxLength: 40 }).map((parts) => parts.join("")),
      ),
      (text) => {
        for (const asCall of [false, true]) expect([...LABELS, "improve", "refused"]).toContain(read(text, { asCall }));
        for (const call of findTextToolCalls(text)) expect(JSON.parse(call.input)).toBeTypeOf("object");
      },
    ),
    { numRuns: 1_000 },
  );
});

test("strict JSON is read as what it says, whatever stands in its strings and names", () => {
  fc.assert(
    fc.property(fc.string(), fc.dictionary(fc.string(), fc.json()), fc.constantFrom(...LABELS), (reason, others, choice) => {
      fc.pre(Object.keys(others).every((name) => name.toLowerCase().replaceAll(/[^\p{L}]/gu, "") !== "choice"));
      const more = Object.fromEntries(Object.entries(others).map(([name, value]) => [`${name}${name.length}`, value]));
      expect(read(JSON.stringify({ reason, ...more, choice }))).toBe(choice);
    }),
  );
});

test("a ballot that is cut anywhere is read right or refused", () => {
  // Thinking is taken out before, and is not the matter here.
  const ballots = everyEntry.filter(({ text = "", expected }) => !/think|analysis/iu.test(text) && read(text) === expected);
  expect(ballots.length).toBeGreaterThan(200);
  for (const { text = "", expected } of ballots) {
    const misread = Array.from(text, (_, end) => text.slice(0, end)).filter((head) => {
      return !["refused", expected].includes(read(head, { finish: "length" }));
    });
    expect(misread).toEqual([]);
  }
});

test.each(
  [
    ...'{|[|"|\\|{"|{"a":|{\'a\': \'|{"a":"b" |<function=ballot>|<answer>|<answer |ballot(|ballot<|ballot{|CHOICE: '.split("|"),
    ...'REASON: x CHOICE: |> |choice=|my |<think>|<<|"choice":"A'.split("|"),
    " ",
    "\n",
    "\t \n",
    "CHOICE:\n",
    '{"a":1} ',
    "<arg_key>choice</arg_key>",
    '{\\"a',
    '["a",',
    "\u{1F600}",
  ].map((unit) => [unit]),
)("200 KB of %j are read in linear time", (unit) => {
  const started = performance.now();
  const babble = unit.repeat(Math.ceil(200_000 / unit.length));
  read(babble);
  read(`{"choice":"${babble}`);
  findTextToolCalls(babble.slice(0, 60_000));
  expect(performance.now() - started).toBeLessThan(3_000);
});
