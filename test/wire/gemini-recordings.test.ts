import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Outcome, Reply } from "../../src/core/facts/outcome.ts";
import { type FakeGemini, startFakeGemini } from "../../src/testing/fake-gemini-server.ts";
import type { GeminiReply } from "../../src/testing/fake-gemini/gemini-reply.ts";
import { ask, cloudAt } from "./cloud.ts";
import { noRecordings, recordedEvents, recordedText, recordingsOf } from "./recordings.ts";

describe.skipIf(noRecordings !== undefined)(`recordings of Gemini ${noRecordings ?? ""}`, () => {
  let server: FakeGemini;
  let reply: GeminiReply = {};
  beforeAll(async () => {
    server = await startFakeGemini({ reply: () => reply });
  });
  afterAll(() => server.close());

  async function replay(file: string, faults: GeminiReply = {}): Promise<Outcome> {
    reply = { chunks: recordedEvents("google", file), ...faults };
    return ask(await cloudAt("gemini", server.origin, { model: "gemini-3-pro-preview" }));
  }

  test("text, with the thinking that was not shown counted", async () => {
    expect(await replay("google-text.chunks.txt")).toMatchObject({
      type: "replied",
      text: 'There are **3** "r"s in strawberry.\n\nst**r**awbe**rr**y',
    });
    expect(await replay("google-reasoning.chunks.txt")).toMatchObject({
      type: "replied",
      usage: { estimated: false, reasoningTokens: 256 },
    });
  });

  test("a call of a function", async () => {
    const { toolCalls, text } = (await replay("google-tool-call.chunks.txt")) as Reply;
    expect(toolCalls).toMatchObject([{ name: "weather", input: '{"location":"San Francisco"}' }]);
    expect(text).toBe("");
  });

  test.each(recordingsOf("google"))("%s reads the same in whatever pieces it comes", async (file) => {
    const { text, toolCalls, usage } = (await replay(file)) as Reply;
    const calls = toolCalls.map(({ name, input }) => ({ name, input }));
    for (const faults of [{ splitEveryBytes: 7 }, { crlf: true, comments: true }]) {
      expect(await replay(file, faults)).toMatchObject({ type: "replied", text, toolCalls: calls, usage });
    }
  });

  test.each(recordingsOf("google"))("%s cut anywhere is a failure", async (file) => {
    const chunks = recordedEvents("google", file);
    const bytes = Buffer.byteLength(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join(""));
    for (const part of [0.1, 0.5, 0.999]) {
      expect(await replay(file, { cutAfterBytes: Math.floor(bytes * part) }), `cut at ${part}`).toMatchObject({
        type: "failed",
        failure: { retryable: true },
      });
    }
    for (const count of [0, chunks.length - 1]) {
      expect(await replay(file, { chunks: chunks.slice(0, count) }), `ended after ${count}`).toMatchObject({
        type: "failed",
        failure: { kind: "invalid-reply", retryable: true },
      });
    }
  });

  test("a limit of requests says when to come back", async () => {
    const body = JSON.parse(recordedText("google", "google-429-retry-info.json")) as object;
    expect(await replay("google-text.chunks.txt", { status: 429, body })).toMatchObject({
      type: "failed",
      failure: { kind: "rate-limited", retryable: true, retryAfterMs: 34_400, status: 429 },
    });
  });
});
