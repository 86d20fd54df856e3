import { describe, expect, test } from "vitest";
import type { RunEvent } from "../core/facts.ts";
import { simulateRun } from "../testing/simulate-run.ts";
import { boardOf } from "./board.ts";
import { measuredRate } from "./call-measures.ts";
import { noProgress, type Progress, progressOf, type ViewDelta } from "./progress.ts";

function fold(events: readonly RunEvent[], progress: Progress = noProgress): Progress {
  return events.reduce((folded, event) => progressOf(folded, { type: "event", event }), progress);
}

describe("deltas", () => {
  const { events } = simulateRun({ agents: ["one"], behave: () => ({ text: "x".repeat(400), afterMs: 2_000 }) });
  const settled = events.findIndex(({ type }) => type === "call-settled");
  const writing = (at: number): Progress =>
    [0, 500, 1_000].reduce(
      (progress, ms) =>
        progressOf(progress, { type: "delta", callId: "one#1", at: at + ms, delta: { type: "text", text: "y".repeat(40) } }),
      fold(events.slice(0, settled)),
    );

  test("give the rate of an open call", () => {
    expect(boardOf(writing(1_000)).agents[0]?.tokensPerSecond).toBeCloseTo(20);
  });

  test.each<ViewDelta>([
    { type: "loading", fraction: 0.5 },
    { type: "prefill", processed: 1, total: 2 },
    { type: "text", text: "y" },
    { type: "reasoning", text: "y" },
  ])("42. change nothing that stays: $type", (delta) => {
    const seen = progressOf(fold(events.slice(0, settled)), { type: "delta", callId: "one#1", at: 0, delta });
    expect(seen).not.toEqual(fold(events.slice(0, settled)));
    expect(fold(events.slice(settled), seen)).toEqual(fold(events));
  });

  test("of calls that nobody knows change nothing at all", () => {
    const progress = fold(events);
    expect(progressOf(progress, { type: "delta", callId: "one#1", at: 5, delta: { type: "text", text: "late" } })).toBe(progress);
  });

  test("are not needed for the measured rate", () => {
    const tokens = events.find((event) => event.type === "call-settled")?.outcome.usage.outputTokens ?? 0;
    expect(measuredRate(fold(events), "one#1")).toBeCloseTo(tokens / 2);
    expect(measuredRate(fold(events), "one#9")).toBeUndefined();
  });

  test("nor where the engine or the stream told how fast the model wrote", () => {
    const timed = simulateRun({ agents: ["one"], behave: () => ({ text: "fine", timing: { tokensPerSecond: 45, reported: true } }) });
    expect(measuredRate(fold(timed.events), "one#1")).toBe(45);
  });
});

test("notices are gathered", () => {
  const { events } = simulateRun({
    agents: ["one"],
    behave: () => ({ text: "fine", afterMs: 100 }),
    interventions: [{ atMs: 50, fact: { type: "notice", level: "warning", text: "mind the gap" } }],
  });
  expect(fold(events).notices.map(({ text }) => text)).toEqual(["mind the gap"]);
});
