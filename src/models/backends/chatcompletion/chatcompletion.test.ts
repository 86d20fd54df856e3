import { afterEach, describe, expect, test } from "vitest";
import type { Outcome } from "../../../core/facts/outcome.ts";
import type { Prompt } from "../../../core/messages.ts";
import type { FakeReply } from "../../../testing/fake-openai/fake-reply.ts";
import { startFakeOpenAI, type FakeServer, type FakeServerOptions } from "../../../testing/fake-openai-server.ts";
import { together } from "../../../testing/together.ts";
import { callModel } from "../../call-model.ts";
import { systemClock } from "../../clock.ts";
import type { Delta } from "../../model.ts";
import { createChatCompletion, type ChatCompletionOptions } from "./create-chat-completion.ts";

const servers: FakeServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(options: FakeServerOptions): Promise<FakeServer> {
  const server = await startFakeOpenAI(options);
  servers.push(server);
  return server;
}

const prompt: Prompt = { messages: [{ role: "user", text: "How are you?" }], maxOutputTokens: 100, maxTextTokens: 100 };
const ballot = (rung: "schema" | "tool"): Prompt => ({ ...prompt, ballot: { rung, choices: ["Heron", "improve"] } });

interface Asking {
  readonly prompt?: Prompt;
  readonly options?: Partial<ChatCompletionOptions>;
  readonly signal?: AbortSignal;
}

async function ask(baseUrl: string, asking: Asking = {}): Promise<{ outcome: Outcome; deltas: Delta[] }> {
  const model = createChatCompletion({ model: "fake", baseUrl, ...asking.options });
  const signal = asking.signal ?? new AbortController().signal;
  const call = callModel(model, asking.prompt ?? prompt, { clock: systemClock() }, signal);
  const deltas: Delta[] = [];
  for (;;) {
    const next = await call.next();
    if (next.done === true) return { outcome: next.value, deltas };
    deltas.push(next.value);
  }
}

async function reply(fake: FakeReply, asking: Asking = {}): Promise<Outcome> {
  const server = await start({ reply: fake });
  return (await ask(server.baseUrl, asking)).outcome;
}

const chunk = (delta: object, more: object = {}): object => ({ choices: [{ index: 0, delta, ...more }] });
const end = chunk({}, { finish_reason: "stop" });
const sentence = "Grüße aus Köln: 🦩 läuft.";

describe("a good reply, however it is spelt", () => {
  test.each<[string, FakeReply]>([
    ["plainly", { text: sentence }],
    ["with CRLF and comments", { text: sentence, crlf: true, comments: true }],
    ["byte by byte", { text: "Grüße 🦩", splitEveryBytes: 1 }],
    ["in pieces of seven bytes with CRLF", { text: sentence, splitEveryBytes: 7, crlf: true }],
    ["without [DONE]", { text: sentence, withoutDone: true }],
    ["without a finish reason", { text: sentence, finish: null }],
    ["content as parts", { text: sentence, contentAs: "parts" }],
    ["content as an object", { text: sentence, contentAs: "object" }],
    ["as one document", { text: sentence, unstreamed: true }],
    ["as one document with parts and no finish reason", { text: sentence, unstreamed: true, contentAs: "parts", finish: null }],
    ["without usage", { text: sentence, usage: false }],
    ["odd usage", { text: sentence, usage: { prompt_tokens: "7", completion_tokens: -3, prompt_tokens_details: "none" } }],
    [
      "no space after data:",
      {
        frames: [
          'data:{"choices":[{"delta":{"content":"Grüße aus "}}]}\n\n',
          `data:${JSON.stringify(chunk({ content: "Köln: 🦩 läuft." }))}\n\n`,
          end,
        ],
      },
    ],
    ["a byte order mark", { frames: [`\uFEFFdata: ${JSON.stringify(chunk({ content: sentence }))}\n\n`, end] }],
    [
      "data over several lines",
      { frames: [`data: ${JSON.stringify(chunk({ content: sentence }), undefined, 1).replaceAll("\n", "\ndata: ")}\n\n`, end] },
    ],
    [
      "frames glued by a line",
      {
        frames: [
          `data: ${JSON.stringify(chunk({ content: "Grüße aus " }))}\ndata: ${JSON.stringify(chunk({ content: "Köln: 🦩 läuft." }))}\n\n`,
          end,
        ],
      },
    ],
    [
      "frames glued without a line",
      {
        frames: [
          `data: ${JSON.stringify(chunk({ content: "Grüße aus " }))}data: ${JSON.stringify(chunk({ content: "Köln: 🦩 läuft." }))}\n\n`,
          end,
        ],
      },
    ],
    [
      "roles in every chunk and numeric ids",
      {
        frames: [
          { id: 1, ...chunk({ role: "model", content: sentence }) },
          { id: 1, ...end },
        ],
      },
    ],
    ["null errors and empty choices", { frames: [{ choices: [] }, { error: null, ...chunk({ content: sentence }) }, end] }],
    [
      "a final message instead of a delta",
      { frames: [{ choices: [{ message: { role: "assistant", content: sentence }, finish_reason: "stop" }] }] },
    ],
    [
      "a final message that repeats the deltas",
      { frames: [chunk({ content: sentence }), { choices: [{ message: { content: sentence }, finish_reason: "stop" }] }] },
    ],
    [
      "usage in every chunk, with NaN",
      { frames: [`data: {"choices":[{"delta":{"content":"${sentence}"}}],"usage":{"prompt_tokens":NaN}}\n\n`, end] },
    ],
    [
      "the last frame unfinished by a blank line",
      { withoutDone: true, frames: [chunk({ content: sentence }), `data: ${JSON.stringify(end)}`] },
    ],
    ["[DONE] and more after it", { frames: [chunk({ content: sentence }), end, "data: [DONE]\n\n", chunk({ content: "!!" })] }],
  ])("%s", async (_name, fake) => {
    const outcome = await reply(fake);
    expect(outcome).toMatchObject({ type: "replied", text: fake.text ?? sentence, finish: "stop", toolCalls: [] });
    expect(outcome.usage.inputTokens).toBeGreaterThan(0);
    expect(outcome.usage.outputTokens).toBeGreaterThan(0);
  });

  test.each(["reasoning_content", "reasoning", "thinking", "think-tags"] as const)("thinking as %s", async (reasoningAs) => {
    expect(await reply({ text: "Yes.", reasoning: "hm, so", reasoningAs })).toMatchObject({ text: "Yes.", reasoning: "hm, so" });
    expect(await reply({ text: "Yes.", reasoning: "hm, so", reasoningAs, unstreamed: true })).toMatchObject({
      text: "Yes.",
      reasoning: "hm, so",
    });
  });

  test("a server that keeps the connection open after its reply is not waited for", async () => {
    expect(await reply({ frames: [chunk({ content: "Hi" }), end, "data: [DONE]\n\n"], stallAfterTokens: 3 })).toMatchObject({ text: "Hi" });
  });

  test("cached tokens are told when the engine tells them", async () => {
    const server = await start({ reply: { text: "Hi" } });
    await ask(server.baseUrl);
    const { outcome } = await ask(server.baseUrl);
    expect(outcome.usage).toEqual({ inputTokens: 5, outputTokens: 1, cachedInputTokens: 4, estimated: false });
    expect((await reply({ text: "Hi", usage: { prompt_tokens: 9, completion_tokens: 2 } })).usage).toEqual({
      inputTokens: 9,
      outputTokens: 2,
      estimated: false,
    });
  });
});

describe("tool calls", () => {
  const input = { reason: "r", choice: "Heron" };
  const call = { name: "ballot", arguments: input };
  const made = { name: "ballot", input: JSON.stringify(input) };
  const piece = (toolCall: object): object => chunk({ tool_calls: [toolCall] });

  test.each<[string, FakeReply, number]>([
    ["in pieces", { toolCalls: [call] }, 1],
    ["in pieces, ended with `stop` (BE-10)", { toolCalls: [call], finish: "stop" }, 1],
    ["with object arguments", { toolCalls: [call], toolCallsAs: "objects" }, 1],
    ["in a document, with object arguments", { toolCalls: [call], toolCallsAs: "objects", unstreamed: true }, 1],
    ["as text", { toolCalls: [call], toolCallsAs: "text" }, 1],
    ["several under one index", { toolCalls: [call, call], toolCallsAs: "one-index" }, 2],
    [
      "with one id for all",
      {
        toolCalls: [
          { ...call, id: "1" },
          { ...call, id: "1" },
        ],
      },
      2,
    ],
    [
      "with numeric and empty ids",
      {
        toolCalls: [
          { ...call, id: 7 },
          { ...call, id: "" },
        ],
      },
      2,
    ],
    [
      "named blank later, without index",
      {
        frames: [
          piece({ id: "a", function: { name: "ballot" } }),
          piece({ function: { name: "", arguments: made.input } }),
          chunk({}, { finish_reason: "tool_calls" }),
        ],
      },
      1,
    ],
    [
      "named again in every piece",
      {
        frames: [
          piece({ index: 0, id: "a", function: { name: "ballot", arguments: made.input.slice(0, 5) } }),
          piece({ index: 0, id: "a", function: { name: "ballot", arguments: made.input.slice(5) } }),
          end,
        ],
      },
      1,
    ],
    [
      "whole and without index or id, several",
      {
        frames: [
          chunk({ tool_calls: [{ function: { name: "ballot", arguments: input } }, { function: { name: "ballot", arguments: input } }] }),
          end,
        ],
      },
      2,
    ],
    [
      "as a function call of old",
      { frames: [chunk({ function_call: { name: "ballot", arguments: made.input } }), chunk({}, { finish_reason: "function_call" })] },
      1,
    ],
  ])("%s", async (_name, fake, count) => {
    const outcome = await reply(fake, { prompt: ballot("tool") });
    expect(outcome).toMatchObject({ type: "replied", toolCalls: Array.from({ length: count }, () => made) });
    const ids = outcome.type === "replied" ? outcome.toolCalls.map(({ id }) => id) : [];
    expect(new Set(ids).size).toBe(count);
    expect(ids).not.toContain("");
  });

  test("without arguments, and null for none", async () => {
    expect(await reply({ frames: [piece({ index: 0, id: "a", function: { name: "ballot" } }), end] })).toMatchObject({
      toolCalls: [{ input: "{}" }],
    });
    expect(await reply({ frames: [chunk({ content: "Hi", tool_calls: null }), end] })).toMatchObject({ text: "Hi", toolCalls: [] });
  });
});

describe("what is sent", () => {
  test("drafts: the conversation, with arguments as text (BE-13), sampling and further fields", async () => {
    const server = await start({ reply: { text: "Hi" }, apiKey: "secret-key-1" });
    const messages: Prompt["messages"] = [
      { role: "system", text: "Be brief." },
      { role: "user", text: "One" },
      { role: "assistant", text: "", toolCalls: [{ id: "c1", name: "ballot", input: '{"choi' }] },
      { role: "tool", results: [{ id: "c1", name: "ballot", text: "No." }] },
      { role: "user", text: "Two" },
    ];
    const { outcome } = await ask(server.baseUrl, {
      prompt: { ...prompt, messages },
      options: {
        apiKey: "secret-key-1",
        headers: { "x-team": "herons" },
        sampling: { temperature: 0.7, topP: 0.9, topK: 40, seed: 3, maxTokens: 50 },
        body: { cache_prompt: true },
      },
    });
    expect(outcome).toMatchObject({ type: "replied", text: "Hi" });
    const [request] = server.requests;
    expect(request?.headers).toMatchObject({ authorization: "Bearer secret-key-1", "x-team": "herons" });
    expect(request?.body).toMatchObject({
      model: "fake",
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0.7,
      top_p: 0.9,
      top_k: 40,
      seed: 3,
      max_tokens: 50,
      cache_prompt: true,
    });
    expect(request?.body.messages).toMatchObject([
      { role: "system", content: "Be brief." },
      { role: "user", content: "One" },
      { role: "assistant", tool_calls: [{ id: "c1", function: { name: "ballot", arguments: "{}" } }] },
      { role: "tool", tool_call_id: "c1", content: "No." },
      { role: "user", content: "Two" },
    ]);
    expect(request?.body).not.toHaveProperty("chat_template_kwargs");
  });

  test("ballots by schema: reason before choice, thinking off on this machine", async () => {
    const server = await start({ reply: { text: "{}" } });
    await ask(server.baseUrl, { prompt: ballot("schema"), options: { sampling: { temperature: 0.9, maxTokens: 3 } } });
    const body = server.requests[0]?.body;
    expect(body).toMatchObject({ temperature: 0, max_tokens: 100, chat_template_kwargs: { enable_thinking: false } });
    expect(JSON.stringify(body?.response_format?.json_schema?.schema)).toBe(
      '{"type":"object","properties":{"reason":{"type":"string","maxLength":240},"choice":{"type":"string","enum":["Heron","improve"]}},"required":["reason","choice"],"additionalProperties":false}',
    );
  });

  test("ballots by tool: the one tool, strict, and `required`", async () => {
    const server = await start({ reply: { text: "" } });
    await ask(server.baseUrl, { prompt: ballot("tool"), options: { body: { chat_template_kwargs: { style: "x" } } } });
    expect(server.requests[0]?.body).toMatchObject({
      tool_choice: "required",
      tools: [{ function: { name: "ballot", strict: true } }],
      chat_template_kwargs: { style: "x", enable_thinking: false },
    });
  });

  test("nothing about templates to other hosts", () => {
    const model = createChatCompletion({ model: "m", baseUrl: "https://api.example.com/v1/chat/completions/" });
    expect(model.providerOptions?.ballot).toEqual({ chatcompletion: {} });
    expect(model.timeouts).toEqual({ firstTokenMs: 180_000, stallMs: 120_000 });
  });
});

describe("trouble on the wire", () => {
  test.each<[string, FakeReply, readonly [kind: string, retryable: boolean, words: string]]>([
    [
      "string error with 200",
      { body: { error: "Unexpected endpoint or method. (POST /v1)" } },
      ["not-found", false, "Unexpected endpoint"],
    ],
    ["object error with 200", { body: { error: { message: "Slow down", code: 429 } } }, ["rate-limited", true, "Slow down"]],
    ["web page with 200", { body: "<!doctype html><html><title>Hotel Wi-Fi</title></html>" }, ["not-found", false, "Hotel Wi-Fi"]],
    ["nothing with 200", { body: "" }, ["invalid-reply", true, "answered with nothing"]],
    ["JSON that is no reply", { body: { ok: true } }, ["invalid-reply", true, '{"ok":true}']],
    [
      "string error frame",
      { text: "a b c", errorAtToken: { token: 1, body: { error: "Compute error." } } },
      ["out-of-memory", true, "Compute error."],
    ],
    [
      "object error frame",
      { text: "a b c", errorAtToken: { token: 1, body: { error: { code: 500, message: "boom", type: "server_error" } } } },
      ["server-error", true, "boom"],
    ],
    [
      "flat error frame",
      { text: "a b c", errorAtToken: { token: 1, body: { object: "error", message: "boom", code: 400 } } },
      ["bad-request", false, "boom"],
    ],
    ["detail frame", { text: "a b c", errorAtToken: { token: 1, body: { detail: "boom" } } }, ["server-error", true, "boom"]],
    ["error event", { frames: [chunk({ content: "a " }), 'event: error\ndata: {"message":"boom"}\n\n'] }, ["server-error", true, "boom"]],
    [
      "error field of old llama.cpp",
      { frames: [chunk({ content: "a " }), 'error: {"code":500,"message":"boom"}\n\n'], withoutDone: true },
      ["server-error", true, "boom"],
    ],
    ["malformed frame", { text: "a b c", malformedAtToken: 1 }, ["invalid-reply", true, "cannot be read"]],
    ["cut socket", { text: "a b c d e", cutAfterBytes: 400 }, ["connection", true, "closed the connection"]],
    ["cut without [DONE]", { frames: [chunk({ content: "a " })], withoutDone: true }, ["invalid-reply", true, "before it was complete"]],
    [
      "half a frame at the end",
      { frames: [chunk({ content: "a " }), 'data: {"choices":[{"del'], withoutDone: true },
      ["invalid-reply", true, "before it was complete"],
    ],
    ["only [DONE]", { frames: [] }, ["invalid-reply", true, "before it was complete"]],
    ["redirect", { redirectTo: "https://elsewhere.example/v1" }, ["redirect", false, "https://elsewhere.example"]],
    [
      "tool call without a name",
      { frames: [chunk({ tool_calls: [{ index: 0, function: { arguments: "{}" } }] }), end] },
      ["invalid-reply", true, ""],
    ],
  ])("%s", async (_name, fake, [kind, retryable, words]) => {
    const outcome = await reply(fake);
    expect(outcome).toMatchObject({ type: "failed", failure: { kind, retryable } });
    expect(outcome.type === "failed" ? outcome.failure.message : "").toContain(words);
  });

  test("nobody listens", async () => {
    const server = await startFakeOpenAI({ reply: {} });
    await server.close();
    const { outcome } = await ask(server.baseUrl);
    const address = server.baseUrl.replace("/v1", "");
    expect(outcome).toMatchObject({
      type: "failed",
      failure: { kind: "not-running", retryable: true, message: `Nothing answers at ${address}: is it running?` },
    });
  });

  test("a redirect never takes the key along", async () => {
    const other = await start({ reply: { text: "stolen" } });
    const server = await start({ reply: { redirectTo: `${other.baseUrl}/chat/completions` } });
    const { outcome } = await ask(server.baseUrl, { options: { apiKey: "secret-key-1" } });
    expect(outcome).toMatchObject({ type: "failed", failure: { kind: "redirect", status: 307 } });
    const message = outcome.type === "failed" ? outcome.failure.message : "";
    expect(message).toContain(new URL(server.baseUrl).origin);
    expect(message).toContain(new URL(other.baseUrl).origin);
    expect(other.requests).toEqual([]);
  });

  test("a key that the server repeats is blanked", async () => {
    const outcome = await reply(
      { status: 401, body: { error: { message: "Incorrect API key: secret-key-1" } } },
      { options: { apiKey: "secret-key-1" } },
    );
    expect(outcome).toMatchObject({ failure: { kind: "auth", message: expect.stringContaining("Incorrect API key: ***") as string } });
  });

  test("a key that cannot be sent is refused without quoting it", () => {
    const create = (apiKey: string) => () => createChatCompletion({ model: "m", baseUrl: "http://127.0.0.1/v1", apiKey });
    expect(create("secret-key-1\nsecret")).toThrow("The API key or a header of chatcompletion/m holds characters that cannot be sent.");
    expect(create(" secret-key-1\n")).not.toThrow();
  });

  test("retry-after arrives", async () => {
    expect(await reply({ status: 429, body: {}, headers: { "retry-after": "3" } })).toMatchObject({
      failure: { kind: "rate-limited", retryAfterMs: 3000 },
    });
  });

  test("a prompt too long for the engine", async () => {
    const server = await start({ reply: { text: "Hi" }, contextTokens: 3 });
    expect((await ask(server.baseUrl)).outcome).toMatchObject({ failure: { kind: "context-overflow", retryable: false, status: 400 } });
  });

  test.each<[string, FakeReply, object]>([
    ["before the first token", { text: "a b", firstTokenAfterMs: 60_000 }, { firstTokenMs: 60 }],
    ["before the headers", { text: "a b", headersAfterMs: 60_000 }, { firstTokenMs: 60 }],
    ["in the middle", { text: "a b c", stallAfterTokens: 1 }, { stallMs: 60 }],
  ])("silence %s", async (_name, fake, timeouts) => {
    const server = await start({ reply: fake });
    expect((await ask(server.baseUrl, { options: { timeouts } })).outcome).toMatchObject({ failure: { kind: "timeout", retryable: true } });
  });
});

describe("an abort", () => {
  test("closes the socket, so that the engine's slot is free", async () => {
    const server = await start({ reply: { text: "a b c", stallAfterTokens: 2 }, slots: 1 });
    const stop = new AbortController();
    const model = createChatCompletion({ model: "fake", baseUrl: server.baseUrl });
    const call = callModel(model, prompt, { clock: systemClock() }, stop.signal);
    for (let text = ""; text !== "a b ";) {
      const { value } = await call.next();
      if (value?.type === "text") text += value.text;
    }
    const last = call.next();
    stop.abort();
    expect((await last).value).toMatchObject({ type: "cancelled", text: "a b " });
    await expect.poll(() => server.open, { interval: 5 }).toBe(0);
    expect(server.closedEarly).toBe(1);
  });
});

test("models of one server wait in one queue", async () => {
  const both = together(2);
  const server = await start({ reply: () => both().then(() => ({ text: "Hi" })) });
  const options = { parallel: 2 };
  await Promise.all([1, 2, 3, 4].map(() => ask(server.baseUrl, { options })));
  expect(server.maxOpen).toBe(2);
});
