import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createLmStudio } from "../../src/models/engines/lmstudio/create-lmstudio.ts";
import { createEngine } from "../../src/models/engines/create-engine.ts";
import { servedKinds } from "../../src/models/engines/served-engines.ts";
import { createOllama } from "../../src/models/engines/ollama/create-ollama.ts";
import { createVllm } from "../../src/models/engines/vllm/create-vllm.ts";
import { fetchModel, readyToFetch } from "../../src/models/http/dispatcher.ts";
import { type FakeReply, startFakeLmStudio, startFakeOllama, startFakeVllm } from "../../src/testing/index.ts";
import { fakeEngines } from "./fake-engines.ts";
import { ballotBy, oddServer, oneCall } from "./one-call.ts";

const never = new AbortController().signal;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function lmStudio(reply: FakeReply) {
  const fake = await startFakeLmStudio({ models: [{ id: "a", loaded: true }], reply });
  closing.push(() => fake.close());
  return { fake, engine: createLmStudio({ baseUrl: fake.origin, lms: { home: "/nowhere", path: "" } }) };
}

async function ollama(reply: FakeReply) {
  const fake = await startFakeOllama({ models: ["small"], reply });
  closing.push(() => fake.close());
  return { fake, engine: createOllama({ baseUrl: fake.origin }) };
}

async function vllm(reply: FakeReply) {
  const fake = await startFakeVllm({ models: ["m"], reply });
  closing.push(() => fake.close());
  return { fake, engine: createVllm({ baseUrl: fake.baseUrl }) };
}

describe("the way there", () => {
  test("0: `localhost` may be ::1, where another server may listen: the one on IPv4 is asked", async () => {
    const right = await oddServer((_, response) => response.end("right"));
    closing.push(() => right.close());
    const port = Number(new URL(right.origin).port);
    const other = createServer((_, response) => response.end("wrong"));
    await new Promise<void>((resolve) => other.once("error", () => resolve()).listen(port, "::1", resolve));
    closing.push(() => other.close());
    expect(await (await fetchModel(`http://localhost:${port}/`)).text()).toBe("right");
  });

  test("7.1: the 300 s that fetch gives headers and silence in a body are not in the way", async () => {
    await readyToFetch();
    const asked = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const server = await oddServer((_, response) => {
      asked.resolve();
      void go.promise.then(() => response.end("late"));
    });
    closing.push(() => server.close());
    // The timers of undici are those of the process.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
    const answer = fetchModel(server.origin).then((response) => response.text());
    await asked.promise;
    await vi.advanceTimersByTimeAsync(1_300_000);
    go.resolve();
    expect(await answer).toBe("late");
  });

  test("1.2: `lms` would wake LM Studio for a minute, so looking at it never runs it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "massgen-lms-"));
    closing.push(() => rmSync(folder, { recursive: true }));
    const bin = join(folder, ".lmstudio", "bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, "lms"), `#!/bin/sh\ntouch "${folder}/woken"\n`);
    chmodSync(join(bin, "lms"), 0o755);
    const fake = await startFakeLmStudio({ models: ["a"] });
    await fake.close();
    const engine = createLmStudio({ baseUrl: fake.origin, lms: { home: folder, path: bin } });
    expect(await engine.probe(never)).toMatchObject({ type: "down" });
    await expect(engine.models(never)).rejects.toThrow("fetch failed");
    expect(existsSync(join(folder, "woken"))).toBe(false);
  });

  test.each(servedKinds)("0, 8.6: %s shows that it is there without a token, and its address may end in /v1 or not", async (kind) => {
    const fake = await fakeEngines[kind]({ models: [{ id: "m", loaded: true }] });
    closing.push(() => fake.close());
    for (const baseUrl of [fake.origin, `${fake.origin}/`, `${fake.origin}/v1`, `${fake.origin}/v1/`]) {
      expect(await (await createEngine(kind, { baseUrl })).probe(never)).toMatchObject({ type: "ready" });
    }
    expect(fake.requests).toEqual([]);
  });
});

describe("LM Studio", () => {
  test('1.4: `tool_calls: []` and `reasoning_content: ""` on every message are none', async () => {
    for (const unstreamed of [true, false]) {
      const { engine } = await lmStudio({ text: "Hello", unstreamed });
      const outcome = await oneCall({ engine });
      expect(outcome).toMatchObject({ type: "replied", text: "Hello", toolCalls: [], finish: "stop" });
      expect(outcome).not.toHaveProperty("reasoning");
    }
  });

  test("1.4: no usage tells cached tokens: they are unknown, not none", async () => {
    const { engine } = await lmStudio({ text: "Hello" });
    await oneCall({ engine });
    expect((await oneCall({ engine })).usage).not.toHaveProperty("cachedInputTokens");
  });

  test("1.4: tool names are rewritten before the model sees them, so ours is made of what stays", async () => {
    const { fake, engine } = await lmStudio({ text: "A" });
    await oneCall({ engine, prompt: ballotBy("tool") });
    const names = (fake.requests[0]?.body.tools ?? []).map((tool) => (tool as { function: { name: string } }).function.name);
    expect(names).toEqual([expect.stringMatching(/^[a-z0-9_]+$/u)]);
  });

  test("1.9: everything in `reasoning_content` and a usage of zero: thinking is kept, usage is estimated", async () => {
    const usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
    const { engine } = await lmStudio({ reasoning: "All that there is.", text: "", usage });
    const outcome = await oneCall({ engine });
    expect(outcome).toMatchObject({ type: "replied", text: "", reasoning: "All that there is.", usage: { estimated: true } });
    expect(outcome.usage.outputTokens).toBeGreaterThan(0);
  });

  test.each([
    ["1.7: a template that fails", "Error rendering prompt with jinja template: No user query found in messages.", "bad-request", false],
    ["1.7: no user query", "No user query found in messages.", "bad-request", false],
    ["1.7: evicted while it writes", "Model is unloaded.", "unavailable", true],
  ] as const)("%s", async (_what, error, kind, retryable) => {
    const { engine } = await lmStudio({ status: 400, body: { error } });
    expect(await oneCall({ engine })).toMatchObject({ type: "failed", failure: { kind, retryable, status: 400 } });
  });

  test("1.8: slots share one context unless told otherwise, so calls are held to it together", async () => {
    const fake = await startFakeLmStudio({ models: [{ id: "a", loaded: true, contextTokens: 4096 }] });
    closing.push(() => fake.close());
    const engine = createLmStudio({ baseUrl: fake.origin, lms: { home: "/nowhere", path: "" } });
    const [model] = await engine.models(never);
    expect(model && (await engine.slots(model, never))).toMatchObject({ slots: { value: 4 }, poolTokens: { value: 4096 } });
  });
});

describe("Ollama", () => {
  test.each([
    ["3.4: no chat", 400, '"embed" does not support chat', { kind: "bad-request", retryable: false }],
    ["3.4: cancelled by somebody else", 499, "request canceled", { kind: "bad-request", retryable: false }],
    [
      "3.4: a full queue",
      503,
      "server busy, please try again.  maximum pending requests exceeded",
      { kind: "overloaded", retryable: true },
    ],
    [
      "3.4: a runner that stopped",
      500,
      "model runner has unexpectedly stopped, this may be due to resource limitations or an internal error, check ollama server logs for details",
      { kind: "out-of-memory", retryable: true },
    ],
  ] as const)("%s", async (_what, status, error, failure) => {
    const { engine } = await ollama({ status, body: { error } });
    expect(await oneCall({ engine })).toMatchObject({ type: "failed", failure });
  });

  test("3.2: `done_reason: load` is the end of no reply", async () => {
    const frames = [
      `${JSON.stringify({ model: "small", message: { role: "assistant", content: "" }, done: true, done_reason: "load" })}\n`,
    ];
    const { engine } = await ollama({ frames });
    expect(await oneCall({ engine })).toMatchObject({ type: "failed", failure: { kind: "invalid-reply", retryable: true } });
  });

  test("3.2: an error in a line after a good status", async () => {
    const { engine } = await ollama({
      text: "one two",
      errorAtToken: { token: 1, body: { error: "an error was encountered while running the model: CUDA out of memory" } },
    });
    expect(await oneCall({ engine })).toMatchObject({
      type: "failed",
      text: expect.stringContaining("one") as string,
      failure: { kind: "out-of-memory" },
    });
  });

  test("3.5: thinking with a call and no content: the call is kept", async () => {
    const { engine } = await ollama({
      reasoning: "Hm.",
      text: "",
      toolCalls: [{ name: "ballot", arguments: { reason: "good", choice: "A" } }],
    });
    const outcome = await oneCall({ engine, prompt: ballotBy("tool") });
    expect(outcome).toMatchObject({ type: "replied", toolCalls: [{ name: "ballot", input: '{"reason":"good","choice":"A"}' }] });
  });
});

describe("vLLM", () => {
  test.each(["abort", "error", "repetition"])("4.3: `%s` as finish reason is no good end", async (finish) => {
    const { engine } = await vllm({ text: "one two", finish });
    const outcome = await oneCall({ engine });
    expect(outcome.type === "replied" ? outcome.finish : outcome.type).toMatch(/^(?:failed|other)$/u);
  });

  test("8.5: chunks are not tokens: a reply in one chunk has no speed of its own", async () => {
    const { engine } = await vllm({ tokens: ["one two three four five"] });
    const outcome = await oneCall({ engine });
    expect(outcome).toMatchObject({ type: "replied", text: "one two three four five" });
    expect(outcome.type === "replied" && outcome.timing).not.toHaveProperty("tokensPerSecond");
  });

  test("4.3: fields that are null are not there", async () => {
    const delta = { role: "assistant", content: "Hello", reasoning: null, tool_calls: null, refusal: null, function_call: null };
    const end = { choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: "stop", stop_reason: null, token_ids: null }] };
    const { engine } = await vllm({ frames: [{ choices: [{ index: 0, delta, finish_reason: null }] }, end] });
    expect(await oneCall({ engine })).toMatchObject({ type: "replied", text: "Hello", toolCalls: [], finish: "stop" });
  });

  test("4.3: a call whose arguments break its parser is no ballot, and no crash", async () => {
    const text = '<tool_call>\n{"name": "ballot", "arguments": {"reason": "a {nested} {brace", "choice": "A"}';
    const { engine } = await vllm({ text });
    expect(await oneCall({ engine, prompt: ballotBy("tool") })).toMatchObject({ type: "replied" });
  });
});

describe.each(servedKinds)("8.1, 10 with %s", (kind) => {
  test("a ballot has a schema or a tool, never both; everything is streamed and has a limit", async () => {
    const fake = await fakeEngines[kind]({ models: [{ id: "m", loaded: true }] });
    closing.push(() => fake.close());
    const engine = await createEngine(kind, { baseUrl: fake.origin });
    for (const rung of ["schema", "tool", "text"] as const) await oneCall({ engine, prompt: ballotBy(rung) });
    // What looks at the flags of vLLM is refused before it costs a token.
    for (const { body } of fake.requests.filter((request) => JSON.stringify(request.body.messages).includes("Why?"))) {
      const schema = body.response_format ?? body["format"];
      expect([schema, body.tools].filter((each) => each !== undefined).length).toBeLessThanOrEqual(1);
      expect(body.stream).not.toBe(false);
      const limit = body.max_tokens ?? (body["options"] as { num_predict?: number } | undefined)?.num_predict;
      expect(limit).toBeGreaterThan(0);
    }
  });

  test("10: an empty message that ends well though tokens were spent is a failure to try again", async () => {
    const fake = await fakeEngines[kind]({ models: [{ id: "m", loaded: true }], reply: { text: "" } });
    closing.push(() => fake.close());
    const engine = await createEngine(kind, { baseUrl: fake.origin });
    expect(await oneCall({ engine })).toMatchObject({ type: "failed", failure: { kind: "invalid-reply", retryable: true } });
  });
});
