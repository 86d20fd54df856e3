import { expect, test } from "vitest";
import type { RunState } from "../core/state.ts";
import { simulateRun } from "../testing/simulate-run.ts";
import { transcriptOf } from "./transcript.ts";

/** What "two" wrote: a vote for the agent registered first could decide too early. */
function labelOf(state: RunState, author: string): string | undefined {
  return state.answers.find(({ authors }) => authors.includes(author))?.ref.label;
}

const { events } = simulateRun({
  agents: ["one", "two"],
  input: {
    history: [
      { role: "user", text: "Hello" },
      { role: "assistant", text: "Hi" },
    ],
  },
  behave: ({ request, state }) => {
    if (request.purpose === "ballot") return JSON.stringify({ reason: "clear", choice: labelOf(state, "two") });
    return request.purpose === "presentation" ? "The final answer." : `Text of ${request.agent}\u001B[2J.`;
  },
});

test("a whole run", () => {
  const text = transcriptOf(events);
  const headings = text.split("\n").filter((line) => line.startsWith("#"));
  expect(headings).toEqual([
    "# Run run",
    "## Question",
    expect.stringMatching(/^## Answer [AB], by one \(\d+ tokens\)$/u),
    expect.stringMatching(/^## Answer [AB], by two \(\d+ tokens\)$/u),
    "## Votes",
    "## Result",
    "## How it ended",
  ]);
  expect(text).toContain("(after 2 messages of conversation)");
  expect(text).toContain("- two: model of two");
  expect(text).toMatch(/- one for [AB]: clear\n- two for [AB]: clear\n/u);
  expect(text).toContain("\nThe final answer.\n");
  expect(text).toContain("Text of one.");
});

test("a run that has not ended says so", () => {
  const text = transcriptOf(events.slice(0, 8));
  expect(text).toContain("The run has not ended: 8 events so far.");
  expect(text).not.toContain("## Votes");
});

test("an improved answer keeps both versions, and a vote that was overtaken is marked", () => {
  const improved = simulateRun({
    agents: ["one", "two"],
    behave: ({ request, state }) => {
      if (request.purpose === "improvement") return "Better.";
      if (request.purpose !== "ballot") return `Text of ${request.agent}.`;
      if (request.callId === "two#2") return JSON.stringify({ reason: "better", choice: "improve" });
      return JSON.stringify({ reason: "clear", choice: labelOf(state, "two") });
    },
  });
  expect(transcriptOf(improved.events)).toMatch(/## Answer [AB], version 2, by two/u);
  const overtaken = improved.events.findIndex((event) => event.type === "answer-submitted" && event.version === 2);
  expect(transcriptOf(improved.events.slice(0, overtaken + 1))).toContain("- one for ");
});

test("what was said about the council stands under its seats", () => {
  const notice = { type: "notice", level: "info", text: "3 agents on this machine", seq: 2, at: 0 } as const;
  const [started, ...rest] = events;
  if (started === undefined) throw new Error("a run begins with run-started");
  expect(transcriptOf([started, notice, ...rest])).toContain("- two: model of two\n\n> 3 agents on this machine\n");
});

test("how fast everybody was stands at the end", () => {
  const timed = simulateRun({ agents: ["one"], behave: () => ({ text: "fine", timing: { tokensPerSecond: 45, reported: true } }) });
  expect(transcriptOf(timed.events)).toMatch(/ s\.\nSpeeds: one 45 tokens\/s\.\n$/u);
});

test("nothing for nothing", () => {
  expect(transcriptOf([])).toBe("");
});
