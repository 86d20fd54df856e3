import { afterEach, expect, test } from "vitest";
import type { FakeEngine } from "../fake-engine.ts";
import { startFakeLlamaCpp, type FakeLlamaCpp, type FakeLlamaCppOptions } from "./start-fake-llama-cpp.ts";

const engines: FakeEngine[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

async function start(options: FakeLlamaCppOptions = {}): Promise<FakeLlamaCpp> {
  const engine = await startFakeLlamaCpp(options);
  engines.push(engine);
  return engine;
}

function post(engine: FakeEngine, path: string, body: object, init: RequestInit = {}): Promise<Response> {
  return fetch(`${engine.origin}${path}`, { method: "POST", body: JSON.stringify(body), ...init });
}

function chat(engine: FakeEngine, more: object = {}, init: RequestInit = {}): Promise<Response> {
  const body = { model: "m", messages: [{ role: "user", content: "Hello" }], stream: true, ...more };
  return post(engine, "/v1/chat/completions", body, init);
}

async function json(response: Response | Promise<Response>): Promise<unknown> {
  return (await response).json();
}

test("while it loads every path answers 503", async () => {
  const engine = await start();
  engine.setLoading(true);
  const statuses = await Promise.all(["/health", "/v1/models", "/nope"].map(async (path) => (await fetch(engine.origin + path)).status));
  expect(statuses).toEqual([503, 503, 503]);
  engine.setLoading(false);
  expect(await json(fetch(`${engine.origin}/health`))).toEqual({ status: "ok" });
});

test("a shared pool that is too small fails everyone who runs", async () => {
  const engine = await start({ sharedPool: 100, reply: { text: "a b", stallAfterTokens: 1 } });
  const first = await chat(engine, { max_tokens: 60 });
  const second = await chat(engine, { max_tokens: 60 });
  expect([second.status, await second.json()]).toMatchObject([500, { error: { message: "Context size has been exceeded." } }]);
  const stream = await first.text();
  expect(stream).toContain('data: {"error":{"code":500,"message":"Context size has been exceeded."');
  expect(stream).not.toContain("[DONE]");
});

test("further requests get no headers until a slot is free; a cached beginning is counted", async () => {
  const engine = await start({ slots: 1, reply: (_, index) => (index === 0 ? { text: "a b", stallAfterTokens: 1 } : { text: "a" }) });
  const leave = new AbortController();
  await chat(engine, {}, { signal: leave.signal });
  let answered = false;
  const second = chat(engine, { stream_options: { include_usage: true } }).finally(() => (answered = true));
  await expect.poll(() => engine.requests.length, { interval: 2 }).toBe(2);
  const slots = (await json(fetch(`${engine.origin}/slots`))) as { is_processing: boolean }[];
  expect([answered, slots.map((slot) => slot.is_processing)]).toEqual([false, [true]]);
  leave.abort();
  expect(await (await second).text()).toContain('"prompt_tokens":3,"total_tokens":4,"prompt_tokens_details":{"cached_tokens":2}');
});

test("a prompt is read to its end though the client has left", async () => {
  const engine = await start({ slots: 1, promptTokensPerSecond: 20, reply: { text: "a" } });
  const leave = new AbortController();
  await chat(engine, {}, { signal: leave.signal });
  leave.abort();
  await expect.poll(() => engine.closedEarly, { interval: 2 }).toBe(1);
  expect(engine.open).toBe(1);
  await expect.poll(() => engine.open, { interval: 2 }).toBe(0);
});

test("silence on a stream is filled with comments, and progress is told where asked for", async () => {
  const engine = await start({ pingMs: 3, promptTokensPerSecond: 200, reply: { text: "a" } });
  const stream = await (await chat(engine, { return_progress: true })).text();
  expect(stream).toContain("\n:\n\n");
  expect([...stream.matchAll(/"processed":(\d+)/gu)].map(([, count]) => count)).toEqual(["0", "3"]);
});

test("without metrics a 501; keys in either header, the health open", async () => {
  const engine = await start({ apiKey: "k" });
  const status = async (path: string, headers: Record<string, string> = {}): Promise<number> =>
    (await fetch(engine.origin + path, { headers })).status;
  expect(await Promise.all([status("/health"), status("/props"), status("/props", { "x-api-key": "k" })])).toEqual([200, 401, 200]);
  expect(await status("/metrics", { authorization: "Bearer k" })).toBe(501);
});

test("a router loads once for many, makes room, and ends what it unloads", async () => {
  const engine = await start({ models: ["a", "b"], maxLoaded: 1, loadMs: 3, reply: { text: "a b", stallAfterTokens: 1 } });
  const [first] = await Promise.all([chat(engine, { model: "a" }), chat(engine, { model: "a" })]);
  expect(engine.loads).toEqual(["a"]);
  expect(await json(fetch(`${engine.origin}/models`))).toMatchObject({
    data: [
      { id: "a", status: { value: "loaded" } },
      { id: "b", status: { value: "unloaded" } },
    ],
  });
  expect(await json(post(engine, "/models/load", { model: "b" }))).toEqual({ success: true });
  expect(await first?.text()).toContain("The model was unloaded.");
  expect((await chat(engine, { model: "c" })).status).toBe(404);
  await post(engine, "/models/unload", { model: "b" });
  expect(engine.loads).toEqual(["a", "b"]);
});

test("an answer that is not streamed is written to its end though the client has left", async () => {
  const engine = await start({ tokensPerSecond: 20, reply: { text: "a b c d" } });
  const leave = new AbortController();
  const answer = chat(engine, { stream: false }, { signal: leave.signal });
  await expect.poll(() => engine.open, { interval: 2 }).toBe(1);
  leave.abort();
  await expect(answer).rejects.toThrow("aborted");
  await expect.poll(() => engine.closedEarly, { interval: 2 }).toBe(1);
  expect(engine.open).toBe(1);
  await expect.poll(() => engine.open, { interval: 2 }).toBe(0);
});
