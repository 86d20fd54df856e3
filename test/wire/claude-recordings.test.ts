import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Outcome, Reply } from "../../src/core/facts/outcome.ts";
import type { CloudOptions } from "../../src/models/backends/backend.ts";
import { type FakeMessages, startFakeMessages } from "../../src/testing/fake-messages-server.ts";
import type { MessagesReply } from "../../src/testing/fake-messages/messages-reply.ts";
import { ask, cloudAt } from "./cloud.ts";
import { noRecordings, recordedEvents, recordingsOf } from "./recordings.ts";

describe.skipIf(noRecordings !== undefined)(`recordings of Claude ${noRecordings ?? ""}`, () => {
  let server: FakeMessages;
  let reply: MessagesReply = {};
  beforeAll(async () => {
    server = await startFakeMessages({ reply: () => reply });
  });
  afterAll(() => server.close());

  const own: Partial<CloudOptions> = { search: true, code: true };
  async function replay(file: string, faults: MessagesReply = {}, changes = own): Promise<Outcome> {
    reply = { events: recordedEvents("anthropic", file), ...faults };
    return ask(await cloudAt("claude", server.origin, changes));
  }
  async function reading(file: string): Promise<Reply> {
    const outcome = await replay(file);
    expect(outcome.type).toBe("replied");
    return outcome as Reply;
  }

  test("text", async () => {
    const { text, usage, finish } = await reading("anthropic-text.chunks.txt");
    expect(text).not.toBe("");
    expect(finish).toBe("stop");
    expect(usage).toMatchObject({ estimated: false });
  });

  test("a call of a tool without arguments", async () => {
    const { toolCalls, finish } = await reading("anthropic-tool-no-args.chunks.txt");
    expect(toolCalls).toMatchObject([{ name: "updateIssueList", input: "{}" }]);
    expect(finish).toBe("tool-calls");
  });

  test("thinking is kept apart from the answer", async () => {
    const { reasoning = "", text } = await reading("anthropic-clear-thinking.1.chunks.txt");
    expect(reasoning).not.toBe("");
    expect(text).not.toContain(reasoning.slice(0, 40));
  });

  test("a search is activity, what is cited of it are the sources, and only the words are the answer", async () => {
    const { activity = [], sources = [], text, toolCalls } = await reading("anthropic-web-search-tool.1.chunks.txt");
    expect(activity).toMatchObject([{ tool: "web_search", input: '{"query": "tech news today September 26 2025"}' }]);
    expect(activity[0]?.output).toContain('"url":"https://');
    expect(activity[0]?.output).not.toContain("encrypted");
    expect(sources[0]).toMatchObject({
      url: expect.stringMatching(/^https:\/\/www\.apple\.com\//u) as string,
      title: expect.any(String) as string,
    });
    expect(activity[0]?.output).toContain(sources[0]?.url);
    expect(text).toMatch(/^Based on my search results/u);
    expect(toolCalls).toEqual([]);
  });

  test("code that ran is activity with what it printed (BE-6)", async () => {
    const { activity = [], text, toolCalls } = await reading("anthropic-code-execution-20250825.1.chunks.txt");
    expect(activity.length).toBeGreaterThan(1);
    expect(activity.every(({ tool, output }) => tool === "code_execution" && output !== undefined)).toBe(true);
    expect(activity.map(({ input }) => input).join("\n")).toContain("fibonacci");
    expect(activity.map(({ output }) => output).join("\n")).toContain('"stdout":');
    expect(text).toContain("10th Fibonacci number");
    expect(toolCalls).toEqual([]);
  });

  test("a refusal is a failure with its reason", async () => {
    const outcome = await replay("anthropic-refusal.chunks.txt");
    expect(outcome).toMatchObject({ type: "failed", failure: { kind: "content-filter", retryable: false } });
    expect((outcome as { failure: { message: string } }).failure.message).toMatch(
      /^claude\/claude-sonnet-4-5 withheld its reply for its content policy: This request triggered restrictions/u,
    );
  });

  const whole = recordingsOf("anthropic").filter((file) => !file.includes("refusal"));

  test.each(whole)("%s reads the same in whatever pieces it comes", async (file) => {
    const { text, reasoning, toolCalls, activity, usage } = await reading(file);
    for (const faults of [{ splitEveryBytes: 101 }, { crlf: true, comments: true }, { betweenTokensMs: 0 }]) {
      expect(await replay(file, faults)).toMatchObject({ type: "replied", text, toolCalls, usage, ...(reasoning && { reasoning }) });
    }
    const without = (await replay(file, {}, {})) as Reply;
    expect(without).toMatchObject({ type: "replied", text });
    expect(without.activity?.length).toBe(activity?.length);
  });

  test.each(recordingsOf("anthropic").flatMap((file) => [own, {}].map((changes) => [file, changes] as const)))(
    "%s cut anywhere is a failure, with tools %j",
    async (file, changes) => {
      const events = recordedEvents("anthropic", file);
      const bytes = Buffer.byteLength(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""));
      for (const part of [0.1, 0.5, 0.9, 0.999]) {
        const outcome = await replay(file, { cutAfterBytes: Math.floor(bytes * part) }, changes);
        expect(outcome, `cut at ${part}`).toMatchObject({ type: "failed", failure: { retryable: true } });
      }
      for (const count of [1, events.length - 2, events.length - 1]) {
        const ended = await replay(file, { events: events.slice(0, count) }, changes);
        expect(ended, `ended after ${count} events`).toMatchObject({ type: "failed", failure: { kind: "invalid-reply", retryable: true } });
      }
    },
  );

  test.each(whole)("%s that fails in the middle is a failure", async (file) => {
    const error = (type: string, message: string): MessagesReply => ({
      errorAtToken: { token: 4, body: { type: "error", error: { type, message } } },
    });
    expect(await replay(file, error("overloaded_error", "Overloaded"))).toMatchObject({
      type: "failed",
      failure: { kind: "overloaded", retryable: true },
    });
    expect(await replay(file, error("api_error", "Internal server error"))).toMatchObject({
      type: "failed",
      failure: { kind: "server-error", retryable: true, message: expect.stringContaining("Internal server error") as string },
    });
    expect(await replay(file, { malformedAtToken: 3 })).toMatchObject({ type: "failed", failure: { kind: "invalid-reply" } });
  });
});
