import { expect, it } from "vitest";
import type { RunEvent } from "../core/facts.ts";
import type { ToolOutcome } from "../core/facts/effects.ts";
import { simulateRun } from "../testing/simulate-run.ts";
import { boardOf } from "./board.ts";
import { noProgress, progressOf } from "./progress.ts";
import { timelineOf } from "./timeline.ts";
import type { Verbosity } from "./timeline-line.ts";
import { transcriptOf } from "./transcript.ts";

/** One agent that calls a tool, then answers. */
function play(outcome: ToolOutcome, input = '{"for":"sky \\u001b[31m"}'): readonly RunEvent[] {
  const tools = [{ name: "search", readOnly: true, tokens: 9 }];
  return simulateRun({
    agents: [{ id: "one", model: "m", rungs: ["schema"], tools }],
    behave: ({ request }) => (request.continues === undefined ? { toolCalls: [{ id: "a", name: "search", input }] } : "It scatters."),
    useTool: () => ({ outcome, afterMs: 2_000 }),
  }).events;
}

function lines(events: readonly RunEvent[], verbosity: Verbosity): readonly string[] {
  let progress = noProgress;
  const all = events.flatMap((event) => {
    progress = progressOf(progress, { type: "event", event });
    return timelineOf(event, progress, verbosity);
  });
  return all.map(({ text }) => text).filter((text) => text.includes("search") || text.includes("tools"));
}

const result = { type: "result", text: "Rayleigh\nscattering", cut: 80 } as const;

it("a call is a line, its result one where more is wanted, and whole at debug", () => {
  expect(lines(play(result), "normal")).toEqual(['one calls search {"for":"sky \\u001b[31m"}', "one goes on with what its tools gave"]);
  expect(lines(play(result), "verbose")).toContain('+3.00s search of one gave 19 characters of 99 (2.0 s) "Rayleigh scattering"');
  expect(lines(play(result), "debug")).toContain("+3.00s < result of search: scattering");
});

it("a failure is told in any case, what was interrupted where more is wanted", () => {
  expect(lines(play({ type: "failed", text: "no such page" }), "normal")).toContain("search of one failed: no such page");
  expect(lines(play({ type: "interrupted" }), "normal")).toHaveLength(2);
  expect(lines(play({ type: "interrupted" }), "verbose")).toContain("+3.00s search of one was interrupted");
});

it.each<[ToolOutcome, string]>([
  [result, '- one calls search: "Rayleigh scattering" (cut off)'],
  [{ type: "result", text: "Rayleigh" }, '- one calls search: "Rayleigh"'],
  [{ type: "failed", text: "no such page" }, "- one calls search, which failed: no such page"],
  [{ type: "interrupted" }, "- one calls search, which was interrupted"],
])("a transcript lists what became of each", (outcome, line) => {
  expect(transcriptOf(play(outcome, "{}"))).toContain(`## Tools\n\n${line}\n`);
});

it("an agent at its tools is shown with them", () => {
  const events = play(result);
  const upTo = events.slice(0, events.findIndex(({ type }) => type === "tool-requested") + 1);
  const progress = upTo.reduce((so, event) => progressOf(so, { type: "event", event }), noProgress);
  expect(boardOf(progress).agents[0]?.doing).toEqual({ type: "tools", names: ["search"] });
  expect(transcriptOf(upTo)).toContain('- one calls search {"for":"sky');
});
