import { describe, expect, it } from "vitest";
import type { RunEvent } from "../core/facts.ts";
import { exampleRunStarted } from "../testing/event-log-contract.ts";
import { exportJsonl, importJsonl } from "./jsonl.ts";
import { createMemoryLog } from "./memory-log.ts";

function run(): readonly RunEvent[] {
  const log = createMemoryLog();
  log.append("one", [{ fact: exampleRunStarted("one", "Was ist ein „Rat“? \u2028 \ud83d \u0000") }], 1000.125);
  log.append("one", [{ fact: { type: "notice", level: "info", text: "line\nline" }, cause: 1 }, { fact: { type: "user-stopped" } }], 1001);
  return log.read("one");
}

const lines = [...exportJsonl(run())];
const [first = "", second = "", third = ""] = lines;
const trouble = (code: string, message: string) => expect.objectContaining({ code, message: expect.stringContaining(message) as string });

describe("JSONL", () => {
  it("is one event a line", () => {
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/^\{[^\n]*\}\n$/);
  });

  it("comes back byte for byte", () => {
    const { events, torn } = importJsonl(lines, "run.jsonl");
    expect(events).toEqual(run());
    expect(torn).toBe(false);
    expect([...exportJsonl(events)].join("")).toBe(lines.join(""));
  });

  it.each([
    ["without line ends", lines.map((line) => line.trimEnd())],
    ["with the line ends of Windows", lines.map((line) => line.replace("\n", "\r\n"))],
    ["with an empty line at the end", [...lines, ""]],
  ])("may be %s", (_, given) => {
    expect(importJsonl(given, "run.jsonl")).toEqual({ events: run(), torn: false });
  });

  it("leaves out a last line that broke off, wherever it did", () => {
    for (let length = 1; length < third.length - 1; length += 1) {
      expect(importJsonl([first, second, third.slice(0, length)], "run.jsonl")).toEqual({ events: run().slice(0, 2), torn: true });
    }
  });

  it.each([
    ["a line broken in the middle", [first, second.slice(0, 9), third], "run.jsonl:2"],
    ["a whole line that is no event", [first, "{}"], "run.jsonl:2"],
    ["a line that is no object", [first, "null"], "run.jsonl:2"],
    ["a gap", [first, third], "run.jsonl:2 has number 3 where 2 is due"],
    ["the wrong order", [first, third, second], "run.jsonl:2"],
    ["a second run behind the first", [...lines, first], "run.jsonl:4"],
    ["a start that is missing", [second, third], "run.jsonl:1"],
    ["another event in the place of the start", [second.replace(`"seq":2`, `"seq":1`)], "run.jsonl:1 is notice where run-started is due"],
    ["nothing but a torn line", [first.slice(0, 50)], "run.jsonl holds no whole event"],
    ["nothing", [], "run.jsonl holds no whole event"],
  ])("refuses %s", (_, given, message) => {
    expect(() => importJsonl(given, "run.jsonl")).toThrow(trouble("log-damaged", message));
  });

  it("refuses what a newer version wrote", () => {
    expect(() => importJsonl([first.replace(`"version":1`, `"version":2`)], "run.jsonl")).toThrow(
      trouble("log-newer", "run.jsonl:1 has version 2"),
    );
  });
});
