import { afterEach, describe, expect, test } from "vitest";
import type { FakeReply } from "../fake-openai/fake-reply.ts";
import type { FakeEngine, FakeEngineOptions } from "./fake-engine.ts";
import { startFakeLlamaCpp } from "./llamacpp/start-fake-llama-cpp.ts";
import { startFakeLmStudio } from "./lmstudio/start-fake-lm-studio.ts";
import { startFakeOllama } from "./ollama/start-fake-ollama.ts";
import { startFakeSglang } from "./sglang/start-fake-sglang.ts";
import { startFakeVllm } from "./vllm/start-fake-vllm.ts";

// Every fault of a reply and every common option works on every fake.

const engines: FakeEngine[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

interface Kind {
  readonly start: (options: FakeEngineOptions) => Promise<FakeEngine>;
  readonly path: string;
  readonly done: string;
  readonly reasoning: string;
  /** Cuts what is too long and says nothing. */
  readonly silent?: boolean;
}

const sse = { path: "/v1/chat/completions", done: "[DONE]" };
const kinds: readonly (readonly [string, Kind])[] = [
  ["LM Studio", { ...sse, start: startFakeLmStudio, reasoning: "reasoning_content" }],
  ["Ollama", { path: "/api/chat", done: '"done":true', start: startFakeOllama, reasoning: "thinking" }],
  ["Ollama by /v1", { ...sse, start: startFakeOllama, reasoning: "reasoning", silent: true }],
  ["llama.cpp", { ...sse, start: startFakeLlamaCpp, reasoning: "reasoning_content" }],
  ["vLLM", { ...sse, start: startFakeVllm, reasoning: "reasoning" }],
  ["SGLang", { ...sse, start: startFakeSglang, reasoning: "reasoning_content" }],
];

describe.each(kinds)("%s", (_, { start, path, done, reasoning, silent = false }) => {
  const open = async (options: FakeEngineOptions): Promise<FakeEngine> => {
    const engine = await start({ models: [{ id: "m", reasoning: true }], ...options });
    engines.push(engine);
    return engine;
  };
  const ask = (engine: FakeEngine, more: object = {}, signal?: AbortSignal): Promise<Response> =>
    fetch(engine.origin + path, {
      method: "POST",
      body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "Hello" }], stream: true, ...more }),
      ...(signal === undefined ? {} : { signal }),
    });
  const say = async (reply: FakeReply, more: object = {}): Promise<string> => (await ask(await open({ reply }), more)).text();

  test("comes late: headers, first token, tokens", async () => {
    const begin = performance.now();
    expect(await say({ text: "a b", headersAfterMs: 4, firstTokenAfterMs: 4, betweenTokensMs: 4 })).toContain(done);
    expect(performance.now() - begin).toBeGreaterThan(10);
  });

  test("is spoilt: malformed, split, cut, unfinished, with an error in the middle", async () => {
    expect(await say({ text: "a b", malformedAtToken: 1 })).toContain('{"choices":[{"del\n');
    expect(await say({ text: "äö", splitEveryBytes: 1 })).toContain('"content":"äö"');
    await expect(say({ text: "a b c", cutAfterBytes: 60 })).rejects.toThrow("terminated");
    expect(await say({ text: "a b", withoutDone: true })).not.toContain(done);
    expect(await say({ text: "a b", errorAtToken: { token: 1, body: { error: "no" } } })).toContain('{"error":"no"}\n');
  });

  test("is something else: an error, a redirect, one document", async () => {
    const refused = await ask(await open({ reply: { status: 429, body: { error: "slow" }, headers: { "retry-after": "2" } } }));
    expect([refused.status, refused.headers.get("retry-after"), await refused.text()]).toEqual([429, "2", '{"error":"slow"}']);
    const redirect = await open({ reply: { redirectTo: "http://127.0.0.1:1/" } });
    await expect(ask(redirect)).rejects.toThrow("fetch failed");
    expect(JSON.parse(await say({ text: "Hi", unstreamed: true }))).toHaveProperty("model");
  });

  test("thinks in its field, or in tags", async () => {
    expect(await say({ text: "Yes", reasoning: "Hm" })).toContain(`"${reasoning}":"Hm"`);
    const tags = await say({ text: "Yes", reasoning: "Hm", reasoningAs: "think-tags" });
    expect(tags).not.toContain(reasoning === "thinking" ? '"thinking":' : `"${reasoning}":"`);
    expect(tags).toContain('"<think>"');
  });

  test("calls tools: native, as text, by a wrong name, with bad JSON", async () => {
    const tools = [{ type: "function", function: { name: "ballot" } }];
    const call = { name: "ballot", arguments: { choice: "A" } };
    expect(await say({ toolCalls: [call] }, { tools })).toContain('"name":"ballot"');
    expect(await say({ toolCalls: [call], toolCallsAs: "text" }, { tools })).toContain("<tool_call>{");
    expect(await say({ toolCalls: [{ ...call, name: "vote" }] }, { tools })).toContain('"name":"vote"');
    expect(await say({ toolCalls: [{ ...call, arguments: "{" }] }, { tools })).toMatch(/"arguments":"\{"/u);
  });

  test("is as long as its limit allows", async () => {
    const limit = path === "/api/chat" ? { options: { num_predict: 2 } } : { max_tokens: 2 };
    const text = await say({ text: "one two three" }, limit);
    expect([text.includes("two"), text.includes("three"), text.includes('"length"')]).toEqual([true, false, true]);
  });

  test("slots: the others wait, and whoever leaves makes room", async () => {
    const engine = await open({ slots: 1, reply: { text: "a b", stallAfterTokens: 1 } });
    const leave = new AbortController();
    await ask(engine, {}, leave.signal);
    const second = ask(engine, {}, leave.signal).catch(() => undefined);
    await expect.poll(() => engine.requests.length, { interval: 2 }).toBe(2);
    expect([engine.open, engine.maxOpen]).toEqual([1, 1]);
    leave.abort();
    await second;
    await expect.poll(() => [engine.open, engine.closedEarly], { interval: 2 }).toEqual([0, 2]);
  });

  test("speed: reading and writing take time", async () => {
    const engine = await open({ promptTokensPerSecond: 300, tokensPerSecond: 300, reply: { text: "a b c" } });
    const begin = performance.now();
    await (await ask(engine)).text();
    expect(performance.now() - begin).toBeGreaterThan(12);
  });

  test("a context that is too small", async () => {
    const engine = await open({ contextTokens: 2 });
    const response = await ask(engine, { truncate: false });
    expect([response.status, await response.text()]).toEqual(
      silent ? [200, expect.stringContaining(done)] : [400, expect.stringContaining("context")],
    );
  });

  test("by itself it votes where it is asked to, and else names its model", async () => {
    const engine = await open({});
    const schema = { type: "object", properties: { reason: { type: "string" }, choice: { enum: ["B", "A"] } } };
    const format = path === "/api/chat" ? { format: schema } : { response_format: { type: "json_schema", json_schema: { schema } } };
    const ballot = await (await ask(engine, { ...format, stream: false })).text();
    expect(ballot).toContain(JSON.stringify('"choice":"B"').slice(1, -1));
    expect(await (await ask(engine, { stream: false })).text()).toContain("answer of m");
  });

  test("a model that is unloaded stops in the middle", async () => {
    const engine = await open({ reply: { text: "a b", stallAfterTokens: 1 } });
    const stream = await ask(engine);
    engine.unload("m");
    expect(await stream.text()).toMatch(/"error":/u);
  });
});

test("a pool that is too small fails everyone on the engines of one context", async () => {
  for (const start of [startFakeLmStudio, startFakeLlamaCpp]) {
    const engine = await start({ models: [{ id: "m", loaded: true }], sharedPool: 100, reply: { text: "a b", stallAfterTokens: 1 } });
    engines.push(engine);
    const ask = (): Promise<Response> =>
      fetch(`${engine.baseUrl}/chat/completions`, {
        method: "POST",
        body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "Hello" }], stream: true, max_tokens: 60 }),
      });
    const first = await ask();
    const second = await ask();
    expect([second.status >= 400, await second.text()]).toEqual([true, expect.stringContaining("Context size has been exceeded.")]);
    expect(await first.text()).toContain("Context size has been exceeded.");
  }
});

test("keys", async () => {
  for (const start of [startFakeLmStudio, startFakeLlamaCpp, startFakeVllm, startFakeSglang]) {
    const engine = await start({ apiKey: "k" });
    engines.push(engine);
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${engine.baseUrl}/models`, { headers })).status;
    expect([await status({}), await status({ authorization: "Bearer x" }), await status({ authorization: "Bearer k" })]).toEqual([
      401, 401, 200,
    ]);
  }
});
