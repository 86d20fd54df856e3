import { afterEach, expect, test } from "vitest";
import type { FakeEngine } from "../fake-engine.ts";
import { startFakeVllm, type FakeVllmOptions } from "./start-fake-vllm.ts";

const engines: FakeEngine[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

async function start(options: FakeVllmOptions = {}): Promise<FakeEngine> {
  const engine = await startFakeVllm(options);
  engines.push(engine);
  return engine;
}

function chat(engine: FakeEngine, more: object = {}): Promise<Response> {
  const body = JSON.stringify({ messages: [{ role: "user", content: "Hello" }], ...more });
  return fetch(`${engine.baseUrl}/chat/completions`, { method: "POST", body });
}

async function json(response: Promise<Response>): Promise<unknown> {
  return (await response).json();
}

const ballot = {
  type: "function",
  function: { name: "ballot", parameters: { type: "object", properties: { choice: { enum: ["B", "A"] } } } },
};

test("a named call ends with stop, others with tool_calls", async () => {
  const engine = await start();
  const named = { type: "function", function: { name: "ballot" } };
  expect(await json(chat(engine, { tools: [ballot], tool_choice: named }))).toMatchObject({
    choices: [
      { finish_reason: "stop", message: { content: "", tool_calls: [{ function: { name: "ballot", arguments: '{"choice":"B"}' } }] } },
    ],
  });
  expect(await json(chat(engine, { tools: [ballot] }))).toMatchObject({
    choices: [{ finish_reason: "tool_calls", message: { content: null } }],
  });
});

test("thoughts are `reasoning` with a parser, and tags in the text without", async () => {
  const reply = { text: "Yes", reasoning: "Hm" };
  expect(await json(chat(await start({ reply })))).toMatchObject({ choices: [{ message: { content: "Yes", reasoning: "Hm" } }] });
  expect(await json(chat(await start({ reply, reasoningParser: false })))).toMatchObject({
    choices: [{ message: { content: "<think>Hm</think>Yes", reasoning: null } }],
  });
});

test("whole blocks of any earlier prompt are cached, and told with the flag", async () => {
  const engine = await start({ promptDetails: true, blockTokens: 10 });
  const long = { messages: [{ role: "user", content: "x".repeat(200) }] };
  await Promise.all([chat(engine, long), chat(engine)]);
  expect(await json(chat(engine, long))).toMatchObject({
    usage: { prompt_tokens: 52, prompt_tokens_details: { cached_tokens: 50 } },
  });
});

test("an error in a stream is followed by its end; a dead engine says so", async () => {
  const engine = await start({ reply: { text: "a b", stallAfterTokens: 1 } });
  const stream = await chat(engine, { stream: true });
  engine.unload("");
  expect(await stream.text()).toMatch(/"InternalServerError","param":null,"code":500\}\}\n\ndata: \[DONE\]\n\n$/u);
  expect((await fetch(`${engine.origin}/health`)).status).toBe(503);
});

test("what asks for more than the context is told which limit it met", async () => {
  const engine = await start({ contextTokens: 20 });
  const { error } = (await json(chat(engine, { max_tokens: 19 }))) as { error: { message: string } };
  expect(error.message).toContain("maximum context length is 20 tokens. However, you requested 19 output tokens");
});

test("where memory is shared the last to come wait", async () => {
  const engine = await start({ sharedPool: 100, reply: { text: "Yes", firstTokenAfterMs: 5 } });
  const answers = await Promise.all([chat(engine, { max_tokens: 60 }), chat(engine, { max_tokens: 60 })]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
});
