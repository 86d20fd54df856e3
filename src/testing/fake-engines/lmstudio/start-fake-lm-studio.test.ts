import { afterEach, describe, expect, test } from "vitest";
import type { FakeEngine } from "../fake-engine.ts";
import type { FakeLmStudioOptions } from "./options.ts";
import { startFakeLmStudio } from "./start-fake-lm-studio.ts";

const engines: FakeEngine[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

async function start(options: FakeLmStudioOptions = {}): Promise<FakeEngine> {
  const engine = await startFakeLmStudio({ models: ["a", "b"], ...options });
  engines.push(engine);
  return engine;
}

async function get(engine: FakeEngine, path: string): Promise<unknown> {
  return (await fetch(`${engine.origin}${path}`)).json();
}

function post(engine: FakeEngine, path: string, body: object, signal?: AbortSignal): Promise<Response> {
  return fetch(`${engine.origin}${path}`, { method: "POST", body: JSON.stringify(body), ...(signal === undefined ? {} : { signal }) });
}

function chat(engine: FakeEngine, model: string | undefined, more: object = {}): Promise<Response> {
  return post(engine, "/v1/chat/completions", { model, messages: [{ role: "user", content: "Hello" }], ...more });
}

async function loadedIds(engine: FakeEngine): Promise<readonly string[]> {
  const { models } = (await get(engine, "/api/v1/models")) as { models: { loaded_instances: { id: string }[] }[] };
  return models.flatMap((model) => model.loaded_instances.map(({ id }) => id));
}

test("greets, and answers 200 to what does not exist", async () => {
  const engine = await start({ api: "openai" });
  expect(await get(engine, "/lmstudio-greeting")).toEqual({ lmstudio: true });
  const unknown = await fetch(`${engine.origin}/api/v1/models`);
  expect([unknown.status, await unknown.json()]).toEqual([200, { error: "Unexpected endpoint or method. (GET /api/v1/models)" }]);
  expect(engine.paths).toEqual(["GET /lmstudio-greeting", "GET /api/v1/models"]);
});

test("a document always has tool calls and reasoning, and a call has a number in a string as its id", async () => {
  const engine = await start({ reply: { toolCalls: [{ name: "ballot", arguments: { choice: "A" } }] } });
  const { choices } = (await (await chat(engine, "a")).json()) as { choices: [{ message: { tool_calls: [{ id: string }] } }] };
  expect(choices[0]).toMatchObject({ message: { content: "", reasoning_content: "" }, finish_reason: "tool_calls" });
  expect(choices[0].message.tool_calls[0].id).toMatch(/^\d+$/u);
});

test("a stream begins with role and text together, and has usage only where asked for", async () => {
  const engine = await start({ reply: { text: "Hi there" } });
  const plain = await (await chat(engine, "a", { stream: true })).text();
  expect(plain).toContain('"delta":{"role":"assistant","content":"Hi "},"logprobs":null');
  expect(plain.match(/"role"/gu)).toHaveLength(1);
  expect(plain).not.toContain("usage");
  const counted = await (await chat(engine, "a", { stream: true, stream_options: { include_usage: true } })).text();
  expect(counted).toContain('"choices":[],"usage":{');
  expect(counted).not.toContain("cached_tokens");
});

test("refuses an object as tool choice, JSON without a schema, and a prompt that is too long", async () => {
  const engine = await start({ contextTokens: 20 });
  const errors = await Promise.all(
    [
      { tool_choice: { type: "function" } },
      { response_format: { type: "json_object" } },
      { messages: [{ role: "user", content: "x".repeat(99) }] },
    ].map(async (more) => {
      const response = await chat(engine, "a", more);
      return [response.status, ((await response.json()) as { error: string }).error.slice(0, 48)];
    }),
  );
  expect(errors).toEqual([
    [400, "Invalid tool_choice type: 'object'. Supported st"],
    [400, "'response_format.type' must be 'json_schema' or "],
    [400, "The number of tokens to keep from the initial pr"],
  ]);
  const empty = await start({ contextTokens: 2, overflow: "empty-stream" });
  expect(await (await chat(empty, "a", { stream: true })).text()).toBe("data: [DONE]\n\n");
});

describe("what requests load", () => {
  test("first requests at once load copies, and another model takes their place", async () => {
    const engine = await start({ loadMs: 5 });
    await Promise.all([chat(engine, "a"), chat(engine, "a")]);
    expect(await loadedIds(engine)).toEqual(["a", "a:2"]);
    await chat(engine, "b");
    expect(await loadedIds(engine)).toEqual(["b"]);
    expect(engine.loads).toEqual(["a", "a", "b"]);
  });

  test("eviction ends what is being written; what a person loaded stays", async () => {
    const engine = await start({ reply: { text: "a b", stallAfterTokens: 1 } });
    const stream = await chat(engine, "a", { stream: true });
    const load = await post(engine, "/api/v1/models/load", { model: "b", context_length: 999, echo_load_config: true });
    expect(await load.json()).toMatchObject({ instance_id: "b", status: "loaded", load_config: { context_length: 999 } });
    const leave = new AbortController();
    await chat(engine, "b", { stream: true, signal: leave.signal });
    engine.unload("a");
    expect(await stream.text()).toContain('{"error":{"message":"Model unloaded."},');
    expect(await loadedIds(engine)).toEqual(["b"]);
  });

  test("a request to another model evicts mid-generation", async () => {
    const engine = await start({ reply: ({ model }) => (model === "a" ? { text: "a b", stallAfterTokens: 1 } : { text: "Done" }) });
    const stream = await chat(engine, "a", { stream: true });
    expect((await chat(engine, "b")).status).toBe(200);
    expect(await stream.text()).toContain("Model unloaded.");
  });

  test("two models at once take each other's place, also while they load", async () => {
    const engine = await start({ loadMs: 5 });
    const answers = await Promise.all([chat(engine, "a"), chat(engine, "b")]);
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 400]);
    expect(engine.loads).toHaveLength(2);
  });

  test("leaves when its time is over", async () => {
    const engine = await start();
    await chat(engine, "a", { ttl: 0.001 });
    await expect.poll(() => loadedIds(engine), { interval: 2 }).toEqual([]);
  });

  test("nothing, where that is off: 400 without a model, any name with one", async () => {
    const engine = await start({ jit: false });
    expect(await (await chat(engine, "a")).json()).toMatchObject({
      error: { message: expect.stringContaining("No models loaded.") as string },
    });
    expect(await get(engine, "/v1/models")).toEqual({ object: "list", data: [] });
    await post(engine, "/api/v1/models/load", { model: "b" });
    expect(await (await chat(engine, "whatever")).json()).toMatchObject({ model: "b" });
  });

  test("is refused where it does not fit or cannot be loaded", async () => {
    const engine = await start({ memoryBytes: 5_000_000_000, failLoads: ["b"] });
    expect(await (await chat(engine, "b")).json()).toEqual({ error: 'Failed to load model "b". Error: Error loading model.' });
    await post(engine, "/api/v1/models/load", { model: "a" });
    const second = await post(engine, "/api/v1/models/load", { model: "a" });
    expect([second.status, await second.json()]).toMatchObject([500, { error: { type: "model_load_failed" } }]);
  });
});

test("the native chat shows loading and reading", async () => {
  const engine = await start({ reply: { text: "Hi there", reasoning: "Hm" } });
  const events = await (await post(engine, "/api/v1/chat", { model: "a", input: "Hello", stream: true })).text();
  expect([...events.matchAll(/^event: (.+)$/gmu)].map(([, name]) => name)).toEqual([
    "chat.start",
    "model_load.start",
    "model_load.progress",
    "model_load.end",
    "prompt_processing.start",
    "prompt_processing.progress",
    "prompt_processing.progress",
    "prompt_processing.end",
    "reasoning.start",
    "reasoning.delta",
    "reasoning.end",
    "message.start",
    "message.delta",
    "message.delta",
    "message.end",
    "chat.end",
  ]);
});

test("a download is followed to its end", async () => {
  const engine = await start({ catalog: [{ id: "new", sizeBytes: 400 }] });
  const { job_id: job } = (await (await post(engine, "/api/v1/models/download", { model: "new" })).json()) as { job_id: string };
  const seen: unknown[] = [];
  for (let look = 0; look < 4; look += 1) seen.push(await get(engine, `/api/v1/models/download/status/${job}`));
  expect(seen.map((status) => (status as { downloaded_bytes: number }).downloaded_bytes)).toEqual([100, 200, 300, 400]);
  expect(seen.at(-1)).toMatchObject({ status: "completed" });
  expect((await chat(engine, "new")).status).toBe(200);
  expect(await (await post(engine, "/api/v1/models/download", { model: "new" })).json()).toEqual({ status: "already_downloaded" });
});

test("a key guards everything but the greeting", async () => {
  const engine = await start({ apiKey: "sk-lm-x" });
  expect((await fetch(`${engine.origin}/lmstudio-greeting`)).status).toBe(200);
  const refused = await fetch(`${engine.origin}/api/v1/models`);
  expect([refused.status, await refused.json()]).toMatchObject([401, { error: { code: "invalid_api_key" } }]);
});

test("v0 knows what is loaded and with how much", async () => {
  const engine = await start({ api: "v0", models: [{ id: "a", loaded: true, contextTokens: 8192 }, "b"] });
  expect(await get(engine, "/api/v0/models")).toMatchObject({
    data: [
      { id: "a", state: "loaded", loaded_context_length: 8192 },
      { id: "b", state: "not-loaded" },
    ],
  });
  expect(
    await (await post(engine, "/api/v0/chat/completions", { model: "a", messages: [{ role: "user", content: "Hi" }] })).json(),
  ).toMatchObject({
    stats: { stop_reason: "eosFound" },
    model_info: { context_length: 8192 },
  });
});
