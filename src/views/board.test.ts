import { describe, expect, test } from "vitest";
import type { RunEvent } from "../core/facts.ts";
import { type Behaviour, simulateRun } from "../testing/simulate-run.ts";
import { boardOf, type Doing } from "./board.ts";
import { noProgress, type Progress, progressOf, type ViewDelta } from "./progress.ts";

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
    ["call-started", ["prefill draft", "queued draft"]],
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

describe("the phases of a call", () => {
  const { events } = simulateRun({ agents: ["one"], behave: () => ({ text: "fine", queuedMs: 1_000, afterMs: 1_000 }) });
  const upTo = (type: RunEvent["type"]): readonly RunEvent[] => events.slice(0, events.findIndex((event) => event.type === type) + 1);
  const after = (type: RunEvent["type"], ...deltas: readonly ViewDelta[]): Doing | undefined => {
    const progress = deltas.reduce((told, delta) => progressOf(told, { type: "delta", callId: "one#1", at: 0, delta }), fold(upTo(type)));
    return boardOf(progress).agents[0]?.doing;
  };
  const purpose = "draft" as const;

  test.each<[string, RunEvent["type"], readonly ViewDelta[], Doing]>([
    ["queued", "call-requested", [], { type: "queued", purpose }],
    ["loading", "call-requested", [{ type: "loading" }], { type: "loading", purpose }],
    [
      "loading, part told",
      "call-requested",
      [{ type: "loading" }, { type: "loading", fraction: 0.4 }],
      { type: "loading", purpose, part: 0.4 },
    ],
    ["more than all", "call-requested", [{ type: "loading", fraction: 1.2 }], { type: "loading", purpose, part: 1 }],
    ["the prompt is read", "call-started", [], { type: "prefill", purpose }],
    ["part of it told", "call-started", [{ type: "prefill", processed: 60, total: 100 }], { type: "prefill", purpose, part: 0.6 }],
    ["of nothing", "call-started", [{ type: "prefill", processed: 0, total: 0 }], { type: "prefill", purpose }],
    [
      "writing",
      "call-started",
      [
        { type: "prefill", processed: 100, total: 100 },
        { type: "reasoning", text: "Hm" },
      ],
      { type: "working", purpose },
    ],
    ["settled", "call-settled", [{ type: "loading" }], { type: "idle" }],
  ])("%s", (_name, type, deltas, doing) => {
    expect(after(type, ...deltas)).toEqual(doing);
  });

  test("a call that has started is not loading any more", () => {
    const loading = progressOf(fold(upTo("call-requested")), {
      type: "delta",
      callId: "one#1",
      at: 0,
      delta: { type: "loading", fraction: 1 },
    });
    const started = fold(upTo("call-started").slice(upTo("call-requested").length), loading);
    expect(boardOf(started).agents[0]?.doing).toEqual({ type: "prefill", purpose });
  });
});

test("what is known of the latest call that settled", () => {
  const { events } = simulateRun({
    agents: [{ id: "one", model: "m", rungs: ["text"], contextTokens: 1_000 }],
    behave: () => ({
      text: "fine",
      usage: { inputTokens: 200, outputTokens: 50, cachedInputTokens: 150, estimated: false },
      timing: { firstTokenMs: 400, loadMs: 3_000, promptPerSecond: 500, tokensPerSecond: 25, reported: true },
    }),
  });
  const settled = events.findIndex(({ type }) => type === "call-settled");
  expect(boardOf(fold(events.slice(0, settled))).agents[0]?.lastCall).toBeUndefined();
  expect(boardOf(fold(events.slice(0, settled + 1))).agents[0]?.lastCall).toEqual({
    firstTokenMs: 400,
    loadMs: 3_000,
    promptPerSecond: 500,
    tokensPerSecond: 25,
    cachedTokens: 150,
    context: { used: 250, of: 1_000 },
  });
});
