import { describe, expect, test } from "vitest";
import type { Tally } from "../core/facts/coordination.ts";
import type { RunEnded } from "../core/facts/run.ts";
import { outcomeText, troubleText, usageText } from "./outcome-text.ts";

const tally: Tally = {
  rule: "plurality",
  how: "voted",
  standings: [
    { label: "B", version: 1, authors: ["two"], votes: 2 },
    { label: "A", version: 1, authors: ["one"], votes: 1 },
  ],
  ballots: [
    { agent: "one", callId: "one#2", choice: { label: "B", version: 1 }, reason: "It is complete.", weight: 1 },
    { agent: "two", callId: "two#2", choice: { label: "B", version: 1 }, reason: "", weight: 1 },
    { agent: "three", callId: "three#2", choice: { label: "A", version: 1 }, reason: "shorter\u001B[31m", weight: 1 },
  ],
  abstained: [],
  tie: false,
  winner: "two",
};

const ended: RunEnded = {
  type: "run-ended",
  outcome: "consensus",
  answer: "Because.",
  truncated: false,
  winner: "two",
  presenter: "two",
  tally,
  degraded: null,
  usage: { inputTokens: 1_204, outputTokens: 312, estimated: false },
  elapsedMs: 12_345,
  calls: 7,
};

describe("how a run ended", () => {
  test("winner, votes with reasons, what it took", () => {
    expect(outcomeText(ended)).toEqual([
      "Answer B by two won with 2 of 3 votes.",
      "  one voted for B: It is complete",
      "  two voted for B",
      "  three voted for A: shorter",
      "7 calls, 1,204 tokens in, 312 out, 12.3 s.",
    ]);
  });

  test.each<[string, Partial<RunEnded>, string]>([
    ["worded by another", { presenter: "one" }, "Answer B by two won with 2 of 3 votes, worded by one."],
    ["nobody worded it", { presenter: null }, "Answer B by two won with 2 of 3 votes."],
    ["cut off", { truncated: true }, "The answer was cut off: it had reached the limit of its length, or repeated itself."],
    ["stopped", { outcome: "stopped" }, "The run was stopped. The leading answer is the result as it stands."],
    ["out of time", { outcome: "out-of-time" }, "The time of this run was up. The leading answer is the result as it stands."],
    ["out of tokens", { outcome: "out-of-tokens" }, "The tokens of this run were used up. The leading answer is the result as it stands."],
    [
      "degraded",
      { degraded: { lost: [{ agent: "three", why: "the key is wrong." }], of: 3 } },
      "Degraded: 1 of 3 agents was lost: three: the key is wrong.",
    ],
    [
      "several lost for one reason",
      {
        degraded: {
          lost: [
            { agent: "one", why: "no memory" },
            { agent: "three", why: "no memory" },
          ],
          of: 3,
        },
      },
      "Degraded: 2 of 3 agents were lost: one and three: no memory.",
    ],
  ])("%s", (_name, change, sentence) => {
    expect(outcomeText({ ...ended, ...change })).toContain(sentence);
  });

  test.each<[string, Partial<Tally>, string]>([
    ["the only answer", { how: "unopposed" }, "Answer B by two was the only one, so nobody had to vote."],
    ["nobody voted", { how: "no-votes" }, "Answer B by two stands, although nobody voted: its author was registered first."],
    ["early", { how: "decided-early" }, "Answer B by two won with 2 of 3 votes (the votes still open could not change that)."],
    [
      "a tie",
      { tie: true, standings: tally.standings.map((standing) => ({ ...standing, votes: 1 })) },
      "Answer B by two won with 1 of 3 votes: B and A were tied, and its author was registered first.",
    ],
    [
      "a vote for oneself that counts half",
      { ballots: tally.ballots.slice(1, 2).map((ballot) => ({ ...ballot, weight: 0.5 })) },
      "  two voted for B (its own: counts 0.5)",
    ],
    ["abstention", { abstained: [{ agent: "one", why: "its replies were empty" }] }, "  one abstained: its replies were empty"],
  ])("%s", (_name, change, sentence) => {
    expect(outcomeText({ ...ended, tally: { ...tally, ...change } })).toContain(sentence);
  });

  test("one agent: no talk of votes", () => {
    expect(outcomeText({ ...ended, outcome: "single" })).toEqual(["7 calls, 1,204 tokens in, 312 out, 12.3 s."]);
  });
});

describe("why there is no answer", () => {
  const lost = [
    { agent: "one", why: "http://127.0.0.1:1234 refused the key." },
    { agent: "two", why: "there is no\nmodel called x" },
  ];
  test.each<[RunEnded["outcome"], string]>([
    ["failed", "No agent gave an answer: "],
    ["out-of-time", "The time of this run was up before anybody had answered: "],
    ["out-of-tokens", "The tokens of this run were used up before anybody had answered: "],
    ["stopped", "The run was stopped before anybody had answered: "],
  ])("%s names the cause of every agent", (outcome, intro) => {
    const text = troubleText({ ...ended, outcome, answer: null, tally: null, degraded: { lost, of: 2 } });
    expect(text).toBe(`${intro}one: http://127.0.0.1:1234 refused the key; two: there is no model called x.`);
  });

  test.each(["is it running?", "they said: and so on…"])("ends once: %s", (why) => {
    const degraded = { lost: [{ agent: "one", why }], of: 2 };
    expect(troubleText({ ...ended, outcome: "failed", answer: null, tally: null, degraded })).toBe(`No agent gave an answer: one: ${why}`);
    expect(troubleText({ ...ended, degraded })).toBe(`Degraded: 1 of 2 agents was lost: one: ${why}`);
  });

  test("is the first thing said", () => {
    const [first] = outcomeText({ ...ended, outcome: "failed", answer: null, tally: null, degraded: { lost, of: 2 } });
    expect(first).toContain("No agent gave an answer");
  });
});

test.each([
  [{ inputTokens: 10, outputTokens: 2, estimated: true }, "about 10 tokens in, 2 out"],
  [
    { inputTokens: 2_000, outputTokens: 300, cachedInputTokens: 1_500, reasoningTokens: 200, estimated: false },
    "2,000 tokens in (1,500 cached), 300 out (200 thinking)",
  ],
])("usage %j", (usage, text) => {
  expect(usageText(usage)).toBe(text);
});
