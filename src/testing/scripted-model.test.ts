import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { describe, expect, test } from "vitest";
import { scriptedModel, type ScriptedModel } from "./scripted-model.ts";
import { virtualClock } from "./virtual-clock.ts";

const options: LanguageModelV4CallOptions = { prompt: [{ role: "user", content: [{ type: "text", text: "the question" }] }] };

async function parts(script: ScriptedModel, more: Partial<LanguageModelV4CallOptions> = {}): Promise<LanguageModelV4StreamPart[]> {
  const { stream } = await script.model.doStream({ ...options, ...more });
  const seen: LanguageModelV4StreamPart[] = [];
  for await (const part of stream) seen.push(part);
  return seen;
}

test("speaks its lines in order and remembers the calls", async () => {
  const script = scriptedModel("one", ["Hi", { text: "äöü", chunks: 2, reasoning: "hm", toolCalls: [{ name: "t", input: { a: 1 } }] }]);
  expect(await parts(script)).toMatchObject([
    { type: "stream-start" },
    { type: "text-delta", delta: "Hi" },
    { type: "finish", finishReason: { unified: "stop" } },
  ]);
  expect(() => script.assertUsedUp()).toThrow("1 of 2 lines were not used");
  expect((await parts(script)).slice(1)).toMatchObject([
    { type: "reasoning-delta", delta: "hm" },
    { type: "text-delta", delta: "äö" },
    { type: "text-delta", delta: "ü" },
    { type: "tool-call", toolName: "t", input: '{"a":1}' },
    { type: "finish", finishReason: { unified: "tool-calls" } },
  ]);
  expect(script.calls).toHaveLength(2);
  script.assertUsedUp();
});

describe("a call that the script does not have", () => {
  test.each([
    ["is one too many", [] as const, {}, "only 0 lines"],
    ["lacks something", [{ expect: { contains: ["the", "answer"] }, reply: "x" }], {}, 'lacks "answer"'],
    ["has something", [{ expect: { lacks: "question" }, reply: "x" }], {}, 'contains "question"'],
    [
      "asks in another way",
      [{ expect: { format: "tools" as const }, reply: "x" }],
      { responseFormat: { type: "json" as const } },
      "expected tools, was asked for json",
    ],
    ["is not the one", [{ expect: () => false, reply: "x" }], {}, "not what the script expects"],
    ["has no reply", () => undefined, {}, "no reply"],
  ])("%s", async (_name, lines, more, message) => {
    const script = scriptedModel("one", lines);
    await expect(parts(script, more)).rejects.toMatchObject({ isScriptError: true, message: expect.stringContaining(message) as string });
    expect(() => script.assertUsedUp()).toThrow(message);
  });

  test("never is one that fits", async () => {
    const script = scriptedModel("one", [{ expect: { contains: "question", lacks: "x", format: "text" }, reply: "Hi" }]);
    await parts(script);
    expect(() => script.assertUsedUp()).not.toThrow();
  });
});

test("a function has a line for everything", async () => {
  const script = scriptedModel("one", (_call, index) => `line ${index}`);
  await parts(script);
  expect(await parts(script)).toContainEqual({ type: "text-delta", id: "text", delta: "line 1" });
  script.assertUsedUp();
});

test("fails as it is told to, before the stream or in its middle", async () => {
  const script = scriptedModel("one", [
    { fail: { status: 500, body: { error: "no" }, retryAfterMs: 5 } },
    { fail: new Error("boom"), text: "Half" },
  ]);
  await expect(parts(script)).rejects.toMatchObject({
    statusCode: 500,
    responseBody: '{"error":"no"}',
    responseHeaders: { "retry-after-ms": "5" },
  });
  const { stream } = await script.model.doStream(options);
  const seen: string[] = [];
  const read = async (): Promise<void> => {
    for await (const part of stream) seen.push(part.type);
  };
  await expect(read()).rejects.toThrow("boom");
  expect(seen).toEqual(["stream-start", "text-delta"]);
});

test("takes its time by the clock and breaks off when aborted", async () => {
  const clock = virtualClock(0);
  const script = scriptedModel(
    "one",
    [{ text: "abc", chunks: 3, delayMs: 1000, betweenMs: 100 }, { hang: true }, { fail: { status: 500 }, delayMs: 50 }],
    { clock },
  );
  await clock.runUntil(parts(script));
  expect(clock.now()).toBe(1400);
  const stop = new AbortController();
  const hanging = parts(script, { abortSignal: stop.signal });
  stop.abort();
  await expect(hanging).rejects.toMatchObject({ name: "AbortError" });
  await expect(clock.runUntil(parts(script))).rejects.toMatchObject({ statusCode: 500 });
  expect(clock.now()).toBe(1450);
});
