import { afterAll, afterEach, describe, expect, it, test } from "vitest";
import { oddServer, oneCall, outcomeOf } from "../../../../test/engines/one-call.ts";
import type { Outcome } from "../../../core/facts/outcome.ts";
import type { Prompt } from "../../../core/messages.ts";
import { describeEngine } from "../../../testing/engine-contract.ts";
import type { FakeEngine } from "../../../testing/fake-engines/fake-engine.ts";
import type { FakeReply } from "../../../testing/fake-openai/fake-reply.ts";
import { startFakeOllama, type FakeOllamaOptions } from "../../../testing/fake-engines/ollama/start-fake-ollama.ts";
import { together } from "../../../testing/together.ts";
import { failureOf } from "../../failure-of.ts";
import type { Engine, EngineModel, PullProgress } from "../engine.ts";
import { seatModel, type SeatOptions } from "../seat-model.ts";
import { createOllama } from "./create-ollama.ts";

const never = new AbortController().signal;
const ask: Prompt = { messages: [{ role: "user", text: "Why is the sky blue?" }], maxOutputTokens: 100, maxTextTokens: 100 };
const ballot: Prompt = { ...ask, ballot: { rung: "schema", choices: ["Heron", "improve"] } };

const closing: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((one) => one.close()));
});

interface Pair {
  readonly fake: FakeEngine;
  readonly engine: Engine;
}

async function start(options: FakeOllamaOptions = {}): Promise<Pair> {
  const fake = await startFakeOllama({ models: ["small"], ...options });
  closing.push(fake);
  return { fake, engine: createOllama({ baseUrl: fake.origin }) };
}

/** A server that gives each path a fixed answer. */
async function startServer(answers: Readonly<Record<string, object | string>>): Promise<Engine> {
  const server = await oddServer((request, response) => {
    const answer = answers[request.url ?? ""];
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(typeof answer === "string" ? answer : JSON.stringify(answer ?? {}));
  });
  closing.push(server);
  return createOllama({ baseUrl: server.origin });
}

async function theOnlyModel(engine: Engine): Promise<EngineModel> {
  const [model] = await engine.models(never);
  return model ?? expect.fail("no model");
}

interface Call {
  readonly engine: Engine;
  readonly prompt?: Prompt;
  readonly seat?: SeatOptions;
  readonly signal?: AbortSignal;
}

const call = ({ prompt = ask, seat = {}, ...rest }: Call): Promise<Outcome> => oneCall({ ...rest, prompt, options: seat });

async function all<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const fake = await startFakeOllama({ models: [{ id: "small", loaded: true }], contextTokens: 8192, tokensPerSecond: 200 });
afterAll(() => fake.close());
describeEngine({ describe, it }, "an Ollama", {
  makeEngine: () => createOllama({ baseUrl: fake.origin }),
  makeAbsent: () => createOllama({ baseUrl: "http://127.0.0.1:59999" }),
  model: "small:latest",
  mayUnload: true,
});

describe("context", () => {
  test("the context cannot be set over /v1, so every call goes to /api/chat and names it", async () => {
    const { fake, engine } = await start();
    await call({ engine });
    expect(fake.requests.map(({ path }) => path)).toEqual(["/api/chat"]);
    expect(fake.requests[0]?.body).toMatchObject({ options: { num_ctx: 8192 }, truncate: false, shift: false, stream: true });
  });

  test("another context reads the model again, so all agents of one model ask for the same", async () => {
    const { fake, engine } = await start();
    const model = await theOnlyModel(engine);
    const seats = await Promise.all(
      [{}, { contextTokens: 4096 }, { contextTokens: 16_384 }].map((options) => seatModel(engine, model, options, never)),
    );
    for (const seated of seats) await outcomeOf(seated, ask, never);
    expect(fake.requests.map(({ body }) => body["options"])).toEqual(seats.map(() => ({ num_ctx: 16_384, num_predict: 100 })));
    expect(fake.loads).toEqual(["small:latest"]);
    expect(seats.map(({ contextTokens }) => contextTokens)).toEqual([8192, 4096, 16_384]);
  });

  test("what is in memory is kept where it is roomy, and never is more asked for than was trained", () => {
    const engine = createOllama({ baseUrl: "http://127.0.0.1:59999" });
    const model = (contextTrained: number, contextLoaded: number): EngineModel => ({
      id: "m",
      contextTrained: { value: contextTrained, source: "" },
      contextLoaded: { value: contextLoaded, source: "" },
    });
    expect(engine.contextOf(model(131_072, 32_768), undefined)).toBe(32_768);
    expect(engine.contextOf(model(131_072, 4096), undefined)).toBe(8192);
    expect(engine.contextOf(model(2048, 2048), undefined)).toBe(2048);
    expect(engine.contextOf(model(8192, 4096), 100_000)).toBe(8192);
  });

  test("silent truncation: a prompt that does not fit is a context overflow", async () => {
    const { engine } = await start();
    const long: Prompt = { ...ask, messages: [{ role: "user", text: "word ".repeat(3000) }] };
    expect(await call({ engine, prompt: long, seat: { contextTokens: 512 } })).toMatchObject({
      type: "failed",
      failure: { kind: "context-overflow", retryable: false },
    });
  });

  test("the error that newer versions hand on as text is read", async () => {
    const inner = {
      error: { code: 400, message: "request (351 tokens) exceeds the available context size (256 tokens), try increasing it" },
    };
    const { engine } = await start({ reply: { status: 400, body: { error: JSON.stringify(inner) } } });
    const outcome = await call({ engine });
    expect(outcome).toMatchObject({
      type: "failed",
      failure: { kind: "context-overflow", message: expect.not.stringContaining("{") as string },
    });
  });
});

describe("loading", () => {
  test("loads with the context of the calls, so that nothing is loaded twice", async () => {
    const { fake, engine } = await start({ loadMs: 20 });
    const outcome = await call({ engine, seat: { ttlSeconds: 600 } });
    expect(fake.loads).toEqual(["small:latest"]);
    expect(outcome).toMatchObject({ type: "replied", timing: { loadMs: expect.any(Number) as number } });
    expect(fake.requests[0]?.body).toMatchObject({ keep_alive: 600 });
  });

  test("whoever wants the same model meanwhile waits for the same load", async () => {
    const { fake, engine } = await start({ loadMs: 20 });
    const loading = [1, 2, 3].map(() => all(engine.load?.("small", { contextTokens: 2048 }, never) ?? expect.fail()));
    expect(await Promise.all(loading)).toEqual([[{}], [{}], [{}]]);
    expect(fake.paths.filter((path) => path === "POST /api/chat")).toHaveLength(1);
    expect(await all(engine.load?.("small:latest", { contextTokens: 2048 }, never) ?? expect.fail())).toEqual([]);
  });

  test("an unknown model brings the nearest names", async () => {
    const { engine } = await start({ models: ["qwen3:8b", "llama3.2"] });
    const refusal = await all(engine.load?.("qwen3:4b", {}, never) ?? expect.fail()).catch((error: unknown) =>
      failureOf(error, engine.name, 0),
    );
    expect(refusal).toMatchObject({
      kind: "not-found",
      message: expect.stringMatching(/^Ollama at http.*"qwen3:8b".*ollama pull qwen3:4b$/u) as string,
    });
    const called = await engine
      .languageModel("lama3.2", {})
      .doStream({ prompt: [{ role: "user", content: [{ type: "text", text: "Hello" }] }] })
      .then(
        () => expect.fail("it should have refused"),
        (error: unknown) => failureOf(error, engine.name, 0),
      );
    expect(called).toMatchObject({ kind: "not-found", message: expect.stringContaining('is "llama3.2" meant?') as string });
  });

  test("a pull tells of all its layers, and a failure is a line in it", async () => {
    const { engine } = await start({ catalog: [{ id: "new", sizeBytes: 1000 }] });
    const told: readonly PullProgress[] = await all(engine.pull?.("new", never) ?? expect.fail());
    expect(told).toContainEqual({ doing: "pulling manifest" });
    expect(told).toContainEqual({ receivedBytes: 500, totalBytes: 1000 });
    expect((await engine.models(never)).map(({ id }) => id)).toContain("new:latest");
    const refusal = await all(engine.pull?.("nope", never) ?? expect.fail()).catch((error: unknown) => failureOf(error, engine.name, 0));
    expect(refusal).toMatchObject({ kind: "not-found" });
  });
});

describe("models", () => {
  test("models of the cloud behind it are marked: they leave the machine", async () => {
    const engine = await startServer({
      "/api/tags": {
        models: [
          { name: "gpt-oss:120b-cloud", remote_model: "gpt-oss:120b", remote_host: "https://ollama.com:443" },
          { name: "qwen3:8b", capabilities: ["completion", "thinking"], details: { context_length: 40_960 } },
        ],
      },
      "/api/ps": { models: [] },
      "/api/show": { error: "x" },
    });
    const [cloud, local] = await engine.models(never);
    expect(cloud).toMatchObject({ id: "gpt-oss:120b-cloud", remote: { value: true } });
    expect(local).not.toHaveProperty("remote");
    expect(local).toMatchObject({ reasoning: { value: true }, contextTrained: { value: 40_960, source: "context_length of /api/tags" } });
  });

  test("advises where it can know: version, processor, context", async () => {
    const engine = await startServer({
      "/api/version": { version: "0.9.6" },
      "/api/ps": { models: [{ name: "m:latest", size: 1000, size_vram: 600, context_length: 4096 }] },
    });
    const advice = await engine.advice(never);
    expect(advice).toHaveLength(4);
    expect(advice.join(" ")).toMatch(
      /0\.9\.6 cuts prompts.*to 40 % in the memory of the processor.*OLLAMA_CONTEXT_LENGTH=8192.*OLLAMA_NUM_PARALLEL/u,
    );
  });

  test("it does not tell its slots: one is taken, unless the config says more", async () => {
    let wait = together(1);
    const { fake, engine } = await start({ slots: 3, reply: () => wait().then(() => ({ text: "Yes.", firstTokenAfterMs: 5 })) });
    const model = await theOnlyModel(engine);
    expect(await engine.slots(model, never)).toMatchObject({ slots: { value: 1 }, sharing: "slot" });
    await Promise.all([1, 2, 3].map(() => call({ engine })));
    expect(fake.maxOpen).toBe(1);
    wait = together(3);
    await Promise.all([1, 2, 3].map(() => call({ engine, seat: { slots: 3 } })));
    expect(fake.maxOpen).toBe(3);
  });
});

describe("replies", () => {
  test("ballots go without thinking, but only to a model that can think: others would refuse", async () => {
    const thinking = await start({
      models: [{ id: "small", reasoning: true }],
      reply: { reasoning: "Hm.", text: '{"reason":"x","choice":"Heron"}' },
    });
    expect(await call({ engine: thinking.engine })).toMatchObject({ type: "replied", reasoning: "Hm." });
    expect(await call({ engine: thinking.engine, prompt: ballot })).not.toHaveProperty("reasoning");
    expect(thinking.fake.requests.map(({ body }) => body["think"])).toEqual([undefined, false]);
    expect(thinking.fake.requests[1]?.body["format"]).toMatchObject({ type: "object" });
    const plain = await start();
    await call({ engine: plain.engine, prompt: ballot });
    expect(plain.fake.requests[0]?.body).not.toHaveProperty("think");
  });

  test("num_predict is never 0, which would be no limit", async () => {
    const { fake, engine } = await start();
    await call({ engine, prompt: { ...ask, maxOutputTokens: 0 } });
    expect(fake.requests[0]?.body).toMatchObject({ options: { num_predict: 1 } });
  });

  test("speeds come from its durations", async () => {
    const { engine } = await start({ reply: { text: "a b c d" } });
    expect(await call({ engine })).toMatchObject({ type: "replied", timing: { tokensPerSecond: 50, reported: true } });
  });

  test("a prompt from the cache teaches no speed, though its first token comes soon", async () => {
    const { engine } = await start({ reply: { text: "a", firstTokenAfterMs: 60 } });
    const prompt: Prompt = { ...ask, messages: [{ role: "user", text: "word ".repeat(400) }] };
    expect(await call({ engine, prompt })).toMatchObject({ timing: { promptPerSecond: expect.any(Number) as number } });
    const again = await call({ engine, prompt });
    expect(again.type === "replied" && again.timing).toMatchObject({ firstTokenMs: expect.any(Number) as number });
    expect(again.type === "replied" && again.timing).not.toHaveProperty("promptPerSecond");
  });

  test("a reply of thinking only is no text", async () => {
    const { engine } = await start({ models: [{ id: "small", reasoning: true }], reply: { reasoning: "Hm.", text: "" } });
    expect(await call({ engine })).toMatchObject({ type: "replied", text: "", reasoning: "Hm." });
  });

  const trouble: readonly (readonly [string, FakeReply, object])[] = [
    [
      "busy",
      { status: 503, body: { error: "server busy, please try again.  maximum pending requests exceeded" } },
      { kind: "overloaded", retryable: true },
    ],
    [
      "a runner that stopped in the middle, after a good status",
      {
        text: "a b c",
        errorAtToken: {
          token: 1,
          body: { error: "model runner has unexpectedly stopped, this may be due to resource limitations or an internal error" },
        },
      },
      { retryable: true },
    ],
    [
      "thinking that a model does not have",
      { status: 400, body: { error: '"small" does not support thinking' } },
      { kind: "bad-request", retryable: false },
    ],
    ["a bad format, which is its own fault by status", { status: 500, body: { error: "invalid format" } }, { kind: "server-error" }],
    ["an error with a good status", { body: { error: "model runner has unexpectedly stopped" } }, { kind: "unavailable", retryable: true }],
    [
      "a web page of a proxy",
      { body: "<html><title>Log in</title></html>", headers: { "content-type": "text/html" } },
      { kind: "not-found" },
    ],
    ["a reply that is cut", { text: "a b c", cutAfterBytes: 150 }, { retryable: true }],
    ["a reply without its end", { text: "a b c", withoutDone: true }, { kind: "invalid-reply", retryable: true }],
    ["nothing at all", { body: "" }, { kind: "invalid-reply", retryable: true }],
  ];
  test.each(trouble)("%s is a failure in one sentence that names the address", async (_what, reply, failure) => {
    const { fake, engine } = await start({ reply });
    const outcome = await call({ engine });
    expect(outcome).toMatchObject({ type: "failed", failure });
    const message = outcome.type === "failed" ? outcome.failure.message : "";
    expect(message.includes(fake.origin) || message.includes("ollama/small:latest")).toBe(true);
  });

  test("lines cut inside characters are put together", async () => {
    const { engine } = await start({ reply: { text: "Grüße 🦩", splitEveryBytes: 3 } });
    expect(await call({ engine })).toMatchObject({ type: "replied", text: "Grüße 🦩" });
  });

  test("a reply that was not streamed counts all the same", async () => {
    const { engine } = await start({ reply: { text: "All of it", unstreamed: true } });
    expect(await call({ engine })).toMatchObject({ type: "replied", text: "All of it", finish: "stop" });
  });
});

test("a prompt given up while it is read keeps its slot as long as reading it takes", async () => {
  const { engine, fake } = await start({
    reply: (_, index) => (index === 0 ? { text: "a b" } : { text: "a", firstTokenAfterMs: 10_000 }),
  });
  const long: Prompt = { ...ask, messages: [{ role: "user", text: "word ".repeat(200) }] };
  await call({ engine, prompt: long });
  const leave = new AbortController();
  const given = call({ engine, prompt: long, signal: leave.signal });
  await expect.poll(() => fake.requests.length, { interval: 2 }).toBe(2);
  const before = performance.now();
  leave.abort();
  expect(await given).toMatchObject({ type: "cancelled" });
  await engine.freed?.(() => 0);
  expect(performance.now() - before).toBeGreaterThan(50);
});
