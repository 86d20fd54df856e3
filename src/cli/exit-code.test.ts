import { expect, test } from "vitest";
import type { RunEnded } from "../core/facts/run.ts";
import { exitCodeOf } from "./exit-code.ts";

const ended: RunEnded = {
  type: "run-ended",
  outcome: "consensus",
  answer: "Because.",
  truncated: false,
  winner: "one",
  presenter: "one",
  tally: null,
  degraded: null,
  usage: { inputTokens: 1, outputTokens: 1, estimated: false },
  elapsedMs: 1,
  calls: 1,
};
const degraded = { lost: [{ agent: "two", why: "gone" }], of: 2 };

test.each<[string, Partial<RunEnded>, boolean, number]>([
  ["answered", {}, false, 0],
  ["answered by one agent", { outcome: "single" }, true, 0],
  ["answered before the time was up", { outcome: "out-of-time" }, false, 0],
  ["answered before the tokens were used up", { outcome: "out-of-tokens" }, false, 0],
  ["stopped with an answer", { outcome: "stopped" }, false, 0],
  ["degraded", { degraded }, false, 0],
  ["degraded, strictly", { degraded }, true, 5],
  ["failed", { outcome: "failed", answer: null, degraded }, false, 2],
  ["failed, strictly", { outcome: "failed", answer: null, degraded }, true, 2],
  ["out of time without an answer", { outcome: "out-of-time", answer: null, degraded }, false, 3],
  ["out of tokens without an answer", { outcome: "out-of-tokens", answer: null, degraded }, true, 3],
  ["stopped without an answer", { outcome: "stopped", answer: null, degraded }, false, 4],
])("%s", (_name, change, strict, code) => {
  expect(exitCodeOf({ ...ended, ...change }, strict)).toBe(code);
});

test.each(["consensus", "single", "failed", "out-of-time", "out-of-tokens", "stopped"] as const)(
  "46. exit 0 only with an answer: %s without one",
  (outcome) => {
    expect(exitCodeOf({ ...ended, outcome, answer: null }, false)).not.toBe(0);
  },
);
