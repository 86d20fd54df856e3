import { describe, expect, it } from "vitest";
import type { FactOf } from "../core/facts.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import type { Tool } from "../tools/tool.ts";
import { useTool } from "./use-tool.ts";

const request = (input = "{}", maxTokens = 100): FactOf<"tool-requested"> => ({
  type: "tool-requested",
  toolId: "one#1/1",
  callId: "one#1",
  agent: "one",
  toolCallId: "c",
  name: "tool",
  input,
  maxTokens,
});

const never = new AbortController().signal;

function use(execute: Tool["execute"] | undefined, asked = request(), toolMs = 60_000, cancelled = never) {
  const clock = virtualClock();
  const tool: Tool | undefined = execute && { name: "tool", inputSchema: {}, execute };
  return clock.runUntil(useTool(tool, asked, { clock, toolMs }, cancelled));
}

describe("what a tool gives", () => {
  it.each([
    ["text as it is", () => "hello", "hello"],
    ["what comes later", async () => "hello", "hello"],
    ["anything else as JSON", () => ({ a: 1 }), '{"a":1}'],
    ["nothing for nothing", () => undefined, ""],
    ["nor for what JSON has no word for", () => () => 1, ""],
    ["half a character made whole", () => "a\ud83d", "a\ufffd"],
  ])("is %s", async (_, execute, text) => {
    expect(await use(execute)).toEqual({ type: "result", text });
  });

  it("is cut where it takes more than there is room for, and says how much is gone", async () => {
    const outcome = await use(() => "word ".repeat(1_000), request("{}", 100));
    expect(outcome).toMatchObject({ type: "result", text: expect.stringMatching(/^(?:word ?)+$/u) });
    if (outcome.type !== "result") return;
    expect(outcome.text.length).toBeGreaterThan(300);
    expect(outcome.text.length + (outcome.cut ?? 0)).toBe(5_000);
  });

  it("is cut in no time, also where it is megabytes", async () => {
    const text = "x".repeat(30_000_000);
    const begun = performance.now();
    expect(await use(() => text)).toMatchObject({ cut: expect.any(Number) });
    expect(performance.now() - begun).toBeLessThan(250);
  });
});

describe("what it is given", () => {
  it.each([
    ["{", "its input is not a JSON object"],
    ["[1]", "its input is not a JSON object"],
    ["null", "its input is not a JSON object"],
  ])("%s is not carried out", async (input, text) => {
    expect(await use(() => "done", request(input))).toEqual({ type: "failed", text });
  });

  it("nothing is an empty object", async () => {
    expect(await use((input) => input, request(" "))).toEqual({ type: "result", text: "{}" });
  });
});

describe("a tool that gives nothing", () => {
  it("says why where it throws, in a bounded text", async () => {
    const throwing = (thrown: unknown) => () => {
      throw thrown;
    };
    expect(await use(throwing(new Error("no such page")))).toEqual({ type: "failed", text: "no such page" });
    expect(await use(throwing("plain"))).toEqual({ type: "failed", text: "plain" });
    expect(await use(throwing(new Error("x".repeat(9_000))))).toEqual({ type: "failed", text: "x".repeat(2_000) });
  });

  it("is not waited for longer than it may take, and hears of it", async () => {
    const signals: AbortSignal[] = [];
    const outcome = await use((_, { signal }) => new Promise(() => signals.push(signal)), request(), 1_500);
    expect(outcome).toEqual({ type: "failed", text: "it gave no result within 1.5 seconds" });
    expect(signals[0]?.aborted).toBe(true);
  });

  it("is not waited for at all once the run is stopped, and hears of it", async () => {
    const stop = new AbortController();
    const signals: AbortSignal[] = [];
    const deaf: Tool["execute"] = (_, { signal }) => {
      signals.push(signal);
      stop.abort();
      return new Promise(() => undefined);
    };
    expect(await use(deaf, request(), 60_000, stop.signal)).toEqual({ type: "cancelled" });
    expect(await use(deaf, request(), 60_000, stop.signal)).toEqual({ type: "cancelled" });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it("is gone where nobody has it any more", async () => {
    expect(await use(undefined)).toEqual({ type: "failed", text: "it is not there any more" });
  });
});
