import { describe, expect, test } from "vitest";
import type { RunEvent } from "../core/facts.ts";
import { type Behaviour, simulateRun } from "../testing/simulate-run.ts";
import { boardOf, type Doing, measuredRate, noProgress, type Progress, progressOf } from "./progress.ts";

/** A draft, then a ballot for whatever came in first. */
function usual(purpose: string, text: string, first = "A"): Behaviour {
  return purpose === "ballot" ? JSON.stringify({ reason: "clear", choice: first }) : text;
}

function fold(events: readonly RunEvent[], progress: Progress = noProgress): Progress {
  return events.reduce((folded, event) => progressOf(folded, { type: "event", event }), progress);
}

/** What everybody did right after the first event of a kind. */
function doingAt(events: readonly RunEvent[], type: RunEvent["type"]): readonly string[] {
  const end = events.findIndex((event) => event.type === type);
  return boardOf(fold(events.slice(0, end + 1))).agents.map(({ doing }) => named(doing));
}

const named = (doing: Doing): string => ("purpose" in doing ? `${doing.type} ${doing.purpose}` : doing.type);

describe("what agents are doing", () => {
  const { events } = simulateRun({
    agents: ["one", "two"],
    behave: ({ request, state }) => {
      if (request.callId === "two#1") return { fail: { retryable: true, message: "busy" }, afterMs: 500 };
      return usual(request.purpose, `text of ${request.agent}`, state.answers.find(({ authors }) => authors.includes("two"))?.ref.label);
    },
  });

  test.each([
    ["call-requested", ["queued draft", "idle"]],
    ["call-started", ["working draft", "queued draft"]],
    ["timer-requested", ["queued draft", "queued draft"]],
    ["answer-submitted", ["idle", "waiting"]],
    ["round-opened", ["idle", "idle"]],
    ["run-ended", ["done", "done"]],
  ] as const)("at the first %s", (type, expected) => {
    expect(doingAt(events, type)).toEqual(expected);
  });

  test("an agent that is out says why", () => {
    const { events: lost } = simulateRun({
      agents: ["one", "two"],
      behave: ({ request }) => (request.agent === "two" ? { fail: { retryable: false, message: "no such model" } } : "fine"),
    });
    expect(boardOf(fold(lost)).agents[1]?.doing).toEqual({ type: "out", why: "no such model" });
  });
});

describe("votes", () => {
  test("a vote stops counting when an answer is replaced", () => {
    const { events } = simulateRun({
      agents: ["one", "two"],
      behave: ({ request, state }) => {
        if (request.purpose === "improvement") return { text: "a better text", afterMs: 100 };
        if (request.callId === "two#2") return JSON.stringify({ reason: "mine next", choice: "improve" });
        return usual(request.purpose, `text of ${request.agent}`, state.answers.find(({ authors }) => authors.includes("two"))?.ref.label);
      },
    });
    const improved = events.findIndex((event) => event.type === "answer-submitted" && event.origin === "improvement");
    expect(boardOf(fold(events.slice(0, improved))).votes).toMatchObject([{ agent: "one", counts: true, reason: "clear" }]);
    expect(boardOf(fold(events.slice(0, improved + 1))).votes).toMatchObject([{ agent: "one", counts: false }]);
  });
});

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
    expect(boardOf(writing(1_000)).agents[0]?.tokensPerSecond).toBeCloseTo(30);
  });

  test("42. change nothing that stays", () => {
    expect(fold(events.slice(settled), writing(1_000))).toEqual(fold(events));
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
});

test("notices are gathered", () => {
  const { events } = simulateRun({
    agents: ["one"],
    behave: () => ({ text: "fine", afterMs: 100 }),
    interventions: [{ atMs: 50, fact: { type: "notice", level: "warning", text: "mind the gap" } }],
  });
  expect(fold(events).notices.map(({ text }) => text)).toEqual(["mind the gap"]);
});
