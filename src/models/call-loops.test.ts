import { describe, expect, test } from "vitest";
import { readBallot } from "../core/ballots/read-ballot.ts";
import type { Outcome } from "../core/facts/outcome.ts";
import type { BallotForm, Prompt } from "../core/messages.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import type { ScriptedAnswer } from "../testing/scripted-reply.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import { callModel } from "./call-model.ts";
import { createQueue } from "./queue/engine-queue.ts";

const draft: Prompt = { messages: [{ role: "user", text: "How are you?" }], maxOutputTokens: 16_384, maxTextTokens: 16_384 };
const ballotOn = (rung: BallotForm["rung"]): Prompt => ({
  ...draft,
  maxOutputTokens: 256,
  maxTextTokens: 256,
  ballot: { rung, choices: ["A", "B", "improve"] },
});

interface Heard {
  readonly outcome: Outcome;
  /** Whether the engine was told to stop. */
  readonly closed: boolean;
}

async function hear(reply: ScriptedAnswer, prompt: Prompt): Promise<Heard> {
  const script = scriptedModel("weak", [reply]);
  const queue = createQueue({ slots: 1, sharing: "blocks" });
  const model = { languageModel: script.model, name: "weak", rungs: ["text" as const], sampling: {}, timeouts: {}, queue };
  const call = callModel(model, prompt, { clock: virtualClock() }, new AbortController().signal);
  let next = await call.next();
  while (next.done !== true) next = await call.next();
  // Waits for ever where the slot was kept.
  await queue.acquire({ tokens: 1 }, new AbortController().signal);
  return { outcome: next.value, closed: script.calls[0]?.abortSignal?.aborted === true };
}

const pieces = (text: string, size = 5): readonly string[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, index) => text.slice(index * size, (index + 1) * size));

const choiceIn = (outcome: Outcome): string => {
  if (outcome.type !== "replied") return outcome.type;
  const read = readBallot(outcome, ["A", "B"], true);
  return read.type === "choice" ? read.choice : read.why;
};

describe("8.3: a reply that repeats itself for ever", () => {
  test("is cut, and stands with one turn of its loop", async () => {
    const begin = "Water is wet, most people say. ";
    const turn = "The function is not water wet. A yes B no C maybe.\n\n";
    const text = begin + turn.repeat(1_000);
    const { outcome, closed } = await hear({ text, chunks: pieces(text) }, draft);
    expect(closed).toBe(true);
    expect(outcome).toMatchObject({ type: "replied", finish: "cut", text: begin + turn });
    expect(outcome.usage.outputTokens).toBeLessThan(2_000);
  });

  test("in its thinking is cut too", async () => {
    const text = `<think>${"Wait, but is it? ".repeat(4_000)}`;
    const { outcome, closed } = await hear({ text, chunks: pieces(text) }, draft);
    expect(closed).toBe(true);
    expect(outcome).toMatchObject({ type: "replied", finish: "cut", text: "" });
  });

  test("with the same call is cut at the third, and none of them counts", async () => {
    const calls = Array.from({ length: 500 }, (_, index) => ({
      name: "ballot",
      input: index % 2 === 0 ? '{"reason":"x","choice":"B"}' : '{"choice":"B","reason":"x"}',
    }));
    const { outcome, closed } = await hear({ toolCalls: calls }, ballotOn("tool"));
    expect(closed).toBe(true);
    expect(outcome).toMatchObject({ type: "replied", finish: "cut", text: "", toolCalls: [] });
    expect(choiceIn(outcome)).toBe("no-choice");
  });

  test("with two equal calls is not: both are answered", async () => {
    const call = { name: "ballot", input: '{"reason":"x","choice":"B"}' };
    const { outcome } = await hear({ toolCalls: [call, call] }, ballotOn("tool"));
    expect(outcome).toMatchObject({ finish: "tool-calls", toolCalls: [{}, {}] });
    expect(choiceIn(outcome)).toBe("several-choices");
  });

  test("with the same ballot is the ballot it repeats, where no tool was offered", async () => {
    const text = "REASON: x\nCHOICE: B\n".repeat(2_000);
    const { outcome } = await hear({ text, chunks: pieces(text) }, ballotOn("text"));
    expect(outcome).toMatchObject({ finish: "cut" });
    expect(choiceIn(outcome)).toBe("B");
  });
});

describe("4.3: a flood of white space", () => {
  test.each([
    ["behind a whole ballot without its brace", '{"reason":"x","choice":"B"', "B"],
    ["behind the reason", '{"reason":"x",', "no-choice"],
    ["before everything", "", "no-choice"],
  ])("%s is cut", async (_where, before, choice) => {
    const text = before + "\n   \t".repeat(2_000);
    const { outcome, closed } = await hear({ text, chunks: pieces(text, 3) }, ballotOn("schema"));
    expect(closed).toBe(true);
    expect(outcome.usage.outputTokens).toBeLessThan(60);
    expect(choiceIn(outcome)).toBe(choice);
  });

  test("in a draft is cut later, for white space may be meant", async () => {
    const column = `| name |${" ".repeat(400)}| value |\n`;
    const text = `Here:\n${column.repeat(3)}`;
    expect((await hear({ text, chunks: pieces(text) }, draft)).outcome).toMatchObject({ finish: "stop", text });
    const flood = text + " ".repeat(9_000);
    const { outcome, closed } = await hear({ text: flood, chunks: pieces(flood) }, draft);
    expect([closed, outcome.type === "replied" && outcome.text.trimEnd()]).toEqual([true, text.trimEnd()]);
  });
});
