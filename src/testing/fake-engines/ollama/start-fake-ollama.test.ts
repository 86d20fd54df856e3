import { afterEach, expect, test } from "vitest";
import type { FakeEngine } from "../fake-engine.ts";
import { startFakeOllama, type FakeOllamaOptions } from "./start-fake-ollama.ts";

const engines: FakeEngine[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

async function start(options: FakeOllamaOptions = {}): Promise<FakeEngine> {
  const engine = await startFakeOllama({ models: ["a", "b"], ...options });
  engines.push(engine);
  return engine;
}

function post(engine: FakeEngine, path: string, body: object): Promise<Response> {
  return fetch(`${engine.origin}${path}`, { method: "POST", body: JSON.stringify(body) });
}

function chat(engine: FakeEngine, model: string, more: object = {}): Promise<Response> {
  return post(engine, "/api/chat", { model, messages: [{ role: "user", content: "Hello" }], ...more });
}

async function linesOf(response: Promise<Response>): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const text = await (await response).text();
  return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Record<string, unknown>]));
}

async function running(engine: FakeEngine): Promise<unknown> {
  const { models } = (await (await fetch(`${engine.origin}/api/ps`)).json()) as { models: { name: string; context_length: number }[] };
  return models.map(({ name, context_length: context }) => [name, context]);
}

test("another context is another load, and the longest idle model makes room", async () => {
  const engine = await start({ maxLoaded: 1, loadMs: 2 });
  await chat(engine, "a");
  await Promise.all([chat(engine, "a:latest"), chat(engine, "a", { options: { num_ctx: 512 } })]);
  expect(await running(engine)).toEqual([["a:latest", 512]]);
  await chat(engine, "b");
  expect(await running(engine)).toEqual([["b:latest", 4096]]);
  expect(engine.loads).toEqual(["a:latest", "a:latest", "b:latest"]);
});

test("keep_alive 0 unloads", async () => {
  const engine = await start();
  expect(await linesOf(chat(engine, "a", { messages: [] }))).toMatchObject([{ done_reason: "load" }]);
  expect(await running(engine)).toEqual([["a:latest", 4096]]);
  expect(await linesOf(post(engine, "/api/generate", { model: "a", keep_alive: 0 }))).toMatchObject([{ done_reason: "unload" }]);
  expect(await running(engine)).toEqual([]);
});

test("what is too long loses its beginning in silence, or is refused where the request says so", async () => {
  const engine = await start();
  const long = { messages: [{ role: "user", content: "x".repeat(4000) }], options: { num_ctx: 512 }, stream: false };
  expect(await (await chat(engine, "a", long)).json()).toMatchObject({ prompt_eval_count: 512 });
  const refused = await chat(engine, "a", { ...long, truncate: false });
  expect([refused.status, await refused.json()]).toEqual([400, { error: "the input length exceeds the context length" }]);
});

test("calls come whole, with the keys of their arguments in changing order", async () => {
  const engine = await start({ reply: { toolCalls: [{ name: "ballot", arguments: { reason: "r", choice: "A" } }] } });
  const order = async (): Promise<unknown> => {
    const [line] = (await linesOf(chat(engine, "a"))) as readonly [{ message: { tool_calls: [{ function: { arguments: object } }] } }];
    return Object.keys(line.message.tool_calls[0].function.arguments);
  };
  expect([await order(), await order()]).toEqual([
    ["reason", "choice"],
    ["choice", "reason"],
  ]);
});

test("thinking is a field, and nothing where it is off", async () => {
  const engine = await start({ models: [{ id: "a", reasoning: true }], reply: { text: "Yes", reasoning: "Hm" } });
  expect(await linesOf(chat(engine, "a"))).toMatchObject([
    { message: { content: "", thinking: "Hm" } },
    { message: { content: "Yes" } },
    { done: true },
  ]);
  expect(await linesOf(chat(engine, "a", { think: false }))).toMatchObject([{ message: { content: "Yes" } }, { done: true }]);
});

test("one at a time, and no more may wait than the queue holds", async () => {
  const engine = await start({ reply: { text: "a b", stallAfterTokens: 1 }, maxQueue: 1 });
  const first = await chat(engine, "a");
  const second = chat(engine, "a");
  await expect.poll(() => engine.requests.length, { interval: 2 }).toBe(2);
  const third = await chat(engine, "a");
  expect([third.status, await third.json()]).toEqual([503, { error: "server busy, please try again.  maximum pending requests exceeded" }]);
  expect([engine.open, engine.maxOpen]).toEqual([1, 1]);
  engine.unload("a");
  expect(await first.text()).toContain('{"error":"model runner has unexpectedly stopped');
  expect((await second).status).toBe(500);
});

test("a pull reports its progress, or fails in its last line", async () => {
  const engine = await start({ catalog: [{ id: "new", sizeBytes: 400 }] });
  const lines = await linesOf(post(engine, "/api/pull", { model: "new" }));
  expect(lines.flatMap(({ completed }) => completed ?? [])).toEqual([0, 100, 200, 300, 400]);
  expect(lines.at(-1)).toEqual({ status: "success" });
  expect((await chat(engine, "new")).status).toBe(200);
  expect((await linesOf(post(engine, "/api/pull", { model: "nope" }))).at(-1)).toHaveProperty("error");
  expect((await fetch(`${engine.origin}/api/delete`, { method: "DELETE", body: '{"model":"new"}' })).status).toBe(200);
  expect((await chat(engine, "new")).status).toBe(404);
});
