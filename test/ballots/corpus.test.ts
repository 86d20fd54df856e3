import { expect, test } from "vitest";
import { readBallot } from "../../src/core/ballots/read-ballot.ts";
import type { Outcome } from "../../src/core/facts/outcome.ts";
import { callModel } from "../../src/models/call-model.ts";
import { createQueue } from "../../src/models/queue/engine-queue.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { virtualClock } from "../../src/testing/virtual-clock.ts";
import type { Entry } from "./corpus/entry.ts";
import { everyEntry } from "./corpus/every-entry.ts";

const SIZES = [1, 2, 3, 7];
/** In characters; shorter texts, and those with thinking, are also cut in two at every place. */
const SHORT = 50;

/** The ways one entry may come over the wire. */
function piecesOf({ text = "", format }: Entry): readonly (readonly string[])[] {
  if (text === "") return [[]];
  const inPieces = SIZES.map((size) =>
    Array.from({ length: Math.ceil(text.length / size) }, (_, index) => text.slice(index * size, (index + 1) * size)),
  );
  const isSplit = text.length <= SHORT || /thinking|harmony/u.test(format);
  const inTwo = Array.from({ length: isSplit ? text.length - 1 : 0 }, (_, at) => [text.slice(0, at + 1), text.slice(at + 1)]);
  return [[text], ...inPieces, ...inTwo];
}

/** What the council makes of an entry that comes in these pieces: the choice, or why it is none. */
async function readAs(entry: Entry, chunks: readonly string[]): Promise<string> {
  const { labels, mayImprove, rung, text = "", reasoning, calls = [], finish } = entry;
  const { model } = scriptedModel("weak", [
    {
      text,
      chunks,
      toolCalls: calls.map(({ id = "", name = "ballot", input }) => ({ id, name, input })),
      ...(reasoning === undefined ? {} : { reasoning }),
      ...(finish === undefined ? {} : { finish }),
    },
  ]);
  const choices = mayImprove ? [...labels, "improve"] : labels;
  const prompt = { messages: [{ role: "user" as const, text: "?" }], maxOutputTokens: 256, maxTextTokens: 256, ballot: { rung, choices } };
  const council = {
    languageModel: model,
    name: "weak",
    rungs: [rung],
    sampling: {},
    timeouts: {},
    queue: createQueue({ slots: 1, sharing: "blocks" }),
  };
  const call = callModel(council, prompt, { clock: virtualClock() }, new AbortController().signal);
  let next = await call.next();
  while (next.done !== true) next = await call.next();
  return meaningOf(next.value, entry);
}

function meaningOf(outcome: Outcome, { labels, mayImprove }: Entry): string {
  if (outcome.type !== "replied") return outcome.type;
  const read = readBallot(outcome, labels, mayImprove);
  return read.type === "choice" ? read.choice : read.why;
}

interface Misread {
  readonly entry: string;
  readonly text: string | undefined;
  readonly expected: string;
  readonly read: string;
  /** Counted as a vote, though it is another one or none: worse than a refusal. */
  readonly attributed: boolean;
}

const isAttribution = (read: string, { labels }: Entry): boolean => labels.includes(read) || read === "improve";

test("7.3: every ballot of the corpus is read right, however it is cut, and none as somebody else's", async () => {
  const misread: Misread[] = [];
  for (const entry of everyEntry) {
    for (const chunks of piecesOf(entry)) {
      const read = await readAs(entry, chunks);
      if (read === entry.expected) continue;
      misread.push({ entry: entry.name, text: entry.text, expected: entry.expected, read, attributed: isAttribution(read, entry) });
      break;
    }
  }
  expect(misread.filter(({ attributed }) => attributed)).toEqual([]);
  expect(misread).toEqual([]);
}, 60_000);

const FORMATS = [
  ..."schema JSON,fenced JSON,JSON in prose,broken JSON,cut JSON,odd choice,other names,several objects,native call,<tool_call>,<tools>".split(
    ",",
  ),
  ..."<function-call>,<function=…>,[TOOL_REQUEST],[TOOL_CALLS],fenced call,bare call,<|python_tag|>,pythonic,GLM,Kimi,DeepSeek".split(","),
  ..."Functionary,<|tool_call|>,<invoke>,harmony,other markers,text call refused,thinking before,thinking elsewhere".split(","),
  ..."ballot in reasoning,labelled text,bare label,refused prose,refused choice,echo,quoted answers".split(","),
  "thinking, opening missing",
  "thinking, closing missing",
];

test("7.3: the corpus has at least 200 different ballots, three or more of every format", () => {
  expect(
    new Set(everyEntry.map(({ text, reasoning, calls, rung }) => JSON.stringify([text, reasoning, calls, rung]))).size,
  ).toBeGreaterThanOrEqual(200);
  const counts = FORMATS.map((format) => [format, everyEntry.filter((entry) => entry.format === format).length] as const);
  expect(counts.filter(([, count]) => count < 3)).toEqual([]);
  expect(everyEntry.filter(({ format }) => !FORMATS.includes(format))).toEqual([]);
});
