import { expect, test } from "vitest";
import type { RunEvent } from "../core/facts.ts";
import { simulateRun } from "../testing/simulate-run.ts";
import { noProgress, type Progress, progressOf } from "../views/progress.ts";
import { statusLine } from "./status-line.ts";

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

test("who does what, since when, and how fast", () => {
  const drafting = until("call-started", 3);
  const { now } = drafting.state?.clock ?? { now: 0 };
  expect(statusLine(drafting, now)).toBe("0.0 s | one drafting | two drafting | three drafting");
  const writing = [0, 1_000].reduce(
    (progress, ms) =>
      progressOf(progress, { type: "delta", callId: "three#1", at: now + ms, delta: { type: "text", text: "x".repeat(40) } }),
    drafting,
  );
  expect(statusLine(writing, now + 1_000)).toBe("1.0 s | one drafting | two drafting | three drafting 20 tokens/s");
  const lost = until("agent-out");
  const later = lost.state?.clock.now ?? 0;
  expect(statusLine(lost, later)).toBe("1.0 s | one tries again in 5.0 s | two out | three drafting");
});

test("nothing before the beginning and after the end", () => {
  expect([statusLine(noProgress, 0), statusLine(until("run-ended"), 0)]).toEqual(["", ""]);
});
