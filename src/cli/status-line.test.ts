import { expect, test } from "vitest";
import type { RunEvent } from "../core/facts.ts";
import { simulateRun } from "../testing/simulate-run.ts";
import { noProgress, type Progress, progressOf, type ViewDelta } from "../views/progress.ts";
import { shortened, statusLine } from "./status-line.ts";

const { events } = simulateRun({
  agents: ["one", "two", "three"],
  behave: ({ request }) => {
    if (request.callId === "one#1") return { fail: { message: "busy", retryable: true, retryAfterMs: 5_000 } };
    if (request.agent === "two") return { fail: { message: "no key", retryable: false } };
    return { text: "text", afterMs: 3_000 };
  },
});

function until(type: RunEvent["type"], nth = 1): Progress {
  let seen = 0;
  let progress = noProgress;
  for (const event of events) {
    progress = progressOf(progress, { type: "event", event });
    if (event.type === type && (seen += 1) === nth) return progress;
  }
  return progress;
}

function told(progress: Progress, ...deltas: readonly (readonly [string, number, ViewDelta])[]): Progress {
  return deltas.reduce((folded, [callId, at, delta]) => progressOf(folded, { type: "delta", callId, at, delta }), progress);
}

const words: ViewDelta = { type: "text", text: "x".repeat(40) };

test("who does what, since when, and how fast", () => {
  const asked = until("call-requested", 3);
  const { now } = asked.state?.clock ?? { now: 0 };
  expect(statusLine(told(asked, ["one#1", now, { type: "loading", fraction: 0.4 }], ["two#1", now, { type: "loading" }]), now)).toBe(
    "0.0 s | one loading 40 % | two loading | three queued",
  );
  const started = until("call-started", 3);
  const working = told(
    started,
    ["two#1", now, { type: "prefill", processed: 60, total: 100 }],
    ["three#1", now, words],
    ["three#1", now + 1_000, words],
  );
  expect(statusLine(working, now + 1_000)).toBe("1.0 s | one reading | two reading 60 % | three drafting 10 tokens/s");
  const lost = until("agent-out");
  const later = lost.state?.clock.now ?? 0;
  expect(statusLine(lost, later)).toBe("1.0 s | one tries again in 5.0 s | two out | three reading");
});

test("three agents at work fit on 80 columns", () => {
  const started = until("call-started", 3);
  const all = ["one#1", "two#1", "three#1"].flatMap((callId) => [0, 100].map((at) => [callId, at, words] as const));
  const line = statusLine(told(started, ...all), started.state?.clock.now ?? 0);
  expect(line).toBe("0.0 s | one drafting 100 tokens/s | two drafting 100 tokens/s | three drafting 100 tokens/s");
  expect(shortened(line)).toBe("0.0 s | one drafting 100/s | two drafting 100/s | three drafting 100/s");
});

test("nothing before the beginning and after the end", () => {
  expect([statusLine(noProgress, 0), statusLine(until("run-ended"), 0)]).toEqual(["", ""]);
});

test("whose tools are at work is busy with them", () => {
  const run = simulateRun({
    agents: [{ id: "one", model: "m", rungs: ["schema"], tools: [{ name: "search", readOnly: true, tokens: 9 }] }],
    behave: ({ request }) => (request.continues === undefined ? { toolCalls: [{ id: "a", name: "search", input: "{}" }] } : "Done."),
  });
  let progress = noProgress;
  for (const event of run.events) {
    progress = progressOf(progress, { type: "event", event });
    if (event.type === "tool-requested") expect(statusLine(progress, event.at)).toBe("1.0 s | one calls search");
  }
  expect.assertions(1);
});
