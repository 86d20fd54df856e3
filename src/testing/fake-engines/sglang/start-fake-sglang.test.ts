import { afterEach, expect, test } from "vitest";
import { startFakeSglang, type FakeSglang, type FakeSglangOptions } from "./start-fake-sglang.ts";

const engines: FakeSglang[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

async function start(options: FakeSglangOptions = {}): Promise<FakeSglang> {
  const engine = await startFakeSglang(options);
  engines.push(engine);
  return engine;
}

function chat(engine: FakeSglang, more: object = {}): Promise<Response> {
  const body = JSON.stringify({ messages: [{ role: "user", content: "Hello" }], ...more });
  return fetch(`${engine.baseUrl}/chat/completions`, { method: "POST", body });
}

async function json(response: Promise<Response>): Promise<unknown> {
  return (await response).json();
}

test("its health takes its time and is 503 while it starts; its model info is there at once", async () => {
  const engine = await start({ healthMs: 20 });
  const begin = performance.now();
  expect((await fetch(`${engine.origin}/health`)).status).toBe(200);
  expect(performance.now() - begin).toBeGreaterThan(18);
  engine.setLoading(true);
  expect((await fetch(`${engine.origin}/health`)).status).toBe(503);
  expect(await json(fetch(`${engine.origin}/get_model_info`))).toMatchObject({ model_path: "fake-model", is_generation: true });
});

test("errors are flat, and name the two ways to be too long", async () => {
  const engine = await start({ contextTokens: 20 });
  expect(await json(chat(engine, { max_tokens: 19 }))).toMatchObject({
    object: "error",
    code: 400,
    message: expect.stringContaining("You requested a total of 22 tokens: 3 tokens") as string,
  });
  expect(await json(chat(engine, { messages: [{ role: "user", content: "x".repeat(99) }] }))).toMatchObject({
    message: "The input (26 tokens) is longer than the model's context length (20 tokens).",
  });
});

test("any model name is answered, with what stopped it and what it weighs", async () => {
  expect(await json(chat(await start(), { model: "whatever" }))).toMatchObject({
    model: "whatever",
    choices: [{ finish_reason: "stop", matched_stop: 2, message: { reasoning_content: null, tool_calls: null } }],
    metadata: { weight_version: "default" },
    usage: { prompt_tokens_details: null },
  });
});

test("cached tokens are told with the flag", async () => {
  const engine = await start({ cacheReport: true });
  await chat(engine);
  expect(await json(chat(engine))).toMatchObject({ usage: { prompt_tokens_details: { cached_tokens: 2 } } });
});

test("headers come with the first token", async () => {
  const engine = await start({ reply: (_, index) => ({ text: "Hi", firstTokenAfterMs: index === 0 ? 20 : 0 }) });
  const begin = performance.now();
  await chat(engine, { stream: true });
  expect(performance.now() - begin).toBeGreaterThan(18);
});

test("without a parser a call stays in the text, unless it is required", async () => {
  const engine = await start({ toolCallParser: false, reply: { toolCalls: [{ name: "ballot", arguments: {} }] } });
  const tools = [{ type: "function", function: { name: "ballot" } }];
  expect(await json(chat(engine, { tools }))).toMatchObject({
    choices: [{ message: { content: '<tool_call>{"name":"ballot","arguments":{}}</tool_call>', tool_calls: null } }],
  });
  expect(await json(chat(engine, { tools, tool_choice: "required" }))).toMatchObject({
    choices: [{ finish_reason: "tool_calls", message: { content: null } }],
  });
});
