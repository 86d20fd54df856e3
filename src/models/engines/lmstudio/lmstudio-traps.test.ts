import { afterEach, describe, expect, test } from "vitest";
import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { outcomeOf } from "../../../../test/engines/one-call.ts";
import type { Outcome } from "../../../core/facts/outcome.ts";
import type { Prompt } from "../../../core/messages.ts";
import type { FakeReply } from "../../../testing/fake-openai/fake-reply.ts";
import type { FakeEngine } from "../../../testing/fake-engines/fake-engine.ts";
import type { FakeLmStudioOptions } from "../../../testing/fake-engines/lmstudio/options.ts";
import { startFakeLmStudio } from "../../../testing/fake-engines/lmstudio/start-fake-lm-studio.ts";
import { together } from "../../../testing/together.ts";
import type { CouncilModel, Delta } from "../../model.ts";
import { seatModel, type SeatOptions } from "../seat-model.ts";
import { createLmStudio } from "./create-lmstudio.ts";

const never = new AbortController().signal;
const fakes: FakeEngine[] = [];
afterEach(() => Promise.all(fakes.splice(0).map((fake) => fake.close())));

async function start(options: FakeLmStudioOptions = {}): Promise<FakeEngine> {
  const fake = await startFakeLmStudio({ models: ["a", "b"], ...options });
  fakes.push(fake);
  return fake;
}

async function seat({ origin }: FakeEngine, id: string, options: SeatOptions = {}): Promise<CouncilModel> {
  const engine = createLmStudio({ baseUrl: origin, lms: { home: "/nowhere", path: "" } });
  const model = (await engine.models(never)).find((other) => other.id === id);
  return seatModel(engine, model ?? { id }, options, never);
}

const prompt: Prompt = { messages: [{ role: "user", text: "How are you?" }], maxOutputTokens: 100, maxTextTokens: 100 };
const ballot = (rung: "schema" | "tool" | "text"): Prompt => ({ ...prompt, ballot: { rung, choices: ["A", "improve"] } });

const call = (model: CouncilModel, asked: Prompt = prompt, onDelta?: (delta: Delta) => void): Promise<Outcome> =>
  outcomeOf(model, asked, never, onDelta);

/** What came of one call of a model that is in memory. */
async function reply(fake: FakeReply, asked: Prompt = prompt, more: FakeLmStudioOptions = {}): Promise<Outcome> {
  return call(await seat(await start({ models: [{ id: "a", loaded: true }], reply: fake, ...more }), "a"), asked);
}

const failureIn = (outcome: Outcome): unknown => (outcome.type === "failed" ? outcome.failure : outcome);
const body = { status: 400 };

describe("what LM Studio refuses is not sent", () => {
  test("object tool_choice: the one tool and required instead", async () => {
    const fake = await start();
    const outcome = await call(await seat(fake, "a"), ballot("tool"));
    expect(outcome).toMatchObject({ type: "replied", toolCalls: [{ name: "ballot" }] });
    expect(fake.requests[0]?.body).toMatchObject({ tool_choice: "required", tools: [{ function: { name: "ballot" } }] });
  });

  test("json_object: any object by schema instead", async () => {
    const fake = await start();
    const { languageModel } = await seat(fake, "a");
    const options: LanguageModelV4CallOptions = {
      prompt: [{ role: "user", content: [{ type: "text", text: "As JSON." }] }],
      responseFormat: { type: "json" },
    };
    await languageModel.doStream(options);
    expect(fake.requests[0]?.body.response_format).toEqual({
      type: "json_schema",
      json_schema: { name: "json", schema: { type: "object" } },
    });
  });

  test("tool results are strings", async () => {
    const fake = await start();
    const { languageModel } = await seat(fake, "a");
    const output = { type: "content" as const, value: [{ type: "text" as const, text: "cold" }] };
    await languageModel.doStream({
      prompt: [
        { role: "user", content: [{ type: "text", text: "Weather?" }] },
        { role: "assistant", content: [{ type: "tool-call", toolCallId: "931693397", toolName: "weather", input: {} }] },
        { role: "tool", content: [{ type: "tool-result", toolCallId: "931693397", toolName: "weather", output }] },
      ],
    });
    expect(typeof fake.requests[0]?.body.messages?.at(-1)?.content).toBe("string");
  });

  test("idle time, top_k and further fields go along; thinking is switched off for ballots by words that Qwen 3 knows", async () => {
    const fake = await start({ models: [{ id: "qwen/qwen3-8b", reasoning: true }, "deepseek-r1-8b", "qwen3-4b-2507"] });
    const settings: SeatOptions = { ttlSeconds: 600, sampling: { topK: 7 }, body: { min_p: 0.1 } };
    const qwen = await seat(fake, "qwen/qwen3-8b", settings);
    await call(qwen);
    await call(qwen, ballot("schema"));
    await call(await seat(fake, "deepseek-r1-8b"), ballot("schema"));
    await call(await seat(fake, "qwen3-4b-2507"), ballot("schema"));
    expect(fake.requests[0]?.body).toMatchObject({ ttl: 600, top_k: 7, min_p: 0.1 });
    expect(fake.requests.map((request) => request.body.messages?.at(-1)?.content)).toEqual([
      "How are you?",
      "How are you? /no_think",
      "How are you?",
      "How are you?",
    ]);
    expect(fake.requests.filter((request) => "no_think" in request.body)).toEqual([]);
  });
});

describe("what LM Studio sends is read", () => {
  test("no usage without include_usage: it is asked for", async () => {
    const fake = await start();
    expect(await call(await seat(fake, "a"))).toMatchObject({ type: "replied", usage: { estimated: false } });
    expect(fake.requests[0]?.body.stream_options).toEqual({ include_usage: true });
  });

  test("role and text together in the first delta", async () => {
    expect(await reply({ text: "Hi there" })).toMatchObject({ type: "replied", text: "Hi there" });
  });

  test("numeric tool ids", async () => {
    const choice = { name: "ballot", arguments: { reason: "good", choice: "A" } };
    expect(await reply({ toolCalls: [{ id: 931693397, ...choice }] }, ballot("tool"))).toMatchObject({
      type: "replied",
      toolCalls: [{ name: "ballot", input: '{"reason":"good","choice":"A"}' }],
    });
  });

  test("JIT delay before headers is waited for", async () => {
    const fake = await start({ loadMs: 40 });
    const model = await seat(fake, "a", { timeouts: { stallMs: 20 } });
    expect(await call(model)).toMatchObject({ type: "replied" });
    expect(fake.loads).toEqual(["a"]);
  });

  test("JSON ballot in reasoning_content", async () => {
    const outcome = await reply({ reasoning: '{"reason":"good","choice":"A"}', text: "" }, ballot("schema"));
    expect(outcome).toMatchObject({ type: "replied" });
    expect(outcome.type === "replied" ? `${outcome.text}${outcome.reasoning ?? ""}` : "").toContain('"choice":"A"');
  });

  test("a tool call as text, [TOOL_REQUEST]", async () => {
    const text = '[TOOL_REQUEST]{"name":"ballot","arguments":{"reason":"good","choice":"A"}}[END_TOOL_REQUEST]';
    expect(await reply({ text }, ballot("tool"))).toMatchObject({ type: "replied", toolCalls: [{ name: "ballot" }] });
  });
});

describe("what goes wrong is one sentence with the engine's address", () => {
  const noModels = "No models loaded. Please load a model in the developer page or use the 'lms load' command.";
  const kept = "The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 13055>= n_ctx: 4096).";
  const older =
    "Trying to keep the first 10136 tokens when context the overflows. However, the model is loaded with context length of only 7866";
  test.each<[string, FakeReply, string, string]>([
    ["a string error", { ...body, body: { error: "Something odd." } }, "bad-request", "refused the request (400): Something odd."],
    ["200 with an error body", { body: { error: "Something odd." }, status: 200 }, "server-error again", "Something odd."],
    [
      "200 on an unknown path",
      { status: 200, body: { error: "Unexpected endpoint or method. (POST /chat/completions)" } },
      "not-found",

      "Unexpected endpoint or method.",
    ],
    ["No models loaded", { ...body, body: { error: { message: noModels } } }, "not-found", "'lms load' command."],
    [
      "Multiple models are loaded",
      { ...body, body: { error: { message: "Multiple models are loaded. Please specify a model by providing a 'model' field." } } },
      "not-found",

      "Please specify a model",
    ],
    ["Model unloaded", { ...body, body: { error: "Model unloaded." } }, "unavailable again", "lost the model while it was answering"],
    [
      "a crash",
      { ...body, body: { error: "The model has crashed without additional information. (Exit code: null)" } },
      "unavailable again",

      "lost the model while it was answering",
    ],
    [
      "an MLX failure",
      { ...body, body: { error: "Error in iterating prediction stream: ValueError: no" } },
      "unavailable again",

      "lost the model while it was answering",
    ],
    ["overflow, new text", { ...body, body: { error: kept } }, "context-overflow", "cannot hold the prompt"],
    ["overflow, old text", { ...body, body: { error: older } }, "context-overflow", "cannot hold the prompt"],
    [
      "insufficient resources",
      { ...body, body: { error: "Model loading was stopped due to insufficient system resources. Adjust the guardrails in settings." } },
      "out-of-memory",

      "Adjust the guardrails in settings.",
    ],
    [
      "load failure",
      { ...body, body: { error: 'Failed to load model "gpt-oss-20b". Error: Error loading model.' } },
      "unavailable",

      "could not load the model",
    ],
  ])("%s", async (_, fake, kind, words) => {
    const outcome = await reply(fake);
    const { failure } = outcome as Extract<Outcome, { readonly type: "failed" }>;
    expect(`${failure.kind}${failure.retryable ? " again" : ""}`).toBe(kind);
    expect(failure.message).toContain(words);
    expect(failure.message).toMatch(/^LM Studio at http:\/\/127\.0\.0\.1:\d+ [^\n]+$/u);
  });

  test.each<[string, object, string]>([
    ["a string", { error: "Context size has been exceeded." }, "context-overflow"],
    ["an object", { error: { message: "Compute error." }, message: "Compute error." }, "out-of-memory"],
  ])("SSE error payload, %s", async (_, error, kind) => {
    const outcome = await reply({ text: "one two three", errorAtToken: { token: 1, body: error } });
    expect(failureIn(outcome)).toMatchObject({ kind, retryable: true });
  });

  test("an empty 200 stream is no answer", async () => {
    const outcome = await reply({}, prompt, { contextTokens: 2, models: [{ id: "a", loaded: true }], overflow: "empty-stream" });
    expect(failureIn(outcome)).toMatchObject({ kind: "invalid-reply", retryable: true });
  });

  test("a cut frame with the next one glued on is a stream error, never half an answer", async () => {
    const glued = 'data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"conte data: {"id":"chatcmpl-1","choices":[]}\n\n';
    const chunk = { choices: [{ index: 0, delta: { role: "assistant", content: "Hi" } }] };
    expect(failureIn(await reply({ frames: [chunk, glued] }))).toMatchObject({ kind: "invalid-reply", retryable: true });
  });
});

describe("models that come and go", () => {
  test("duplicate instance :2: one call goes first, the others follow when the model is there", async () => {
    const fake = await start({ loadMs: 10 });
    const model = await seat(fake, "a");
    const outcomes = await Promise.all([1, 2, 3].map(() => call(model)));
    expect(outcomes.map(({ type }) => type)).toEqual(["replied", "replied", "replied"]);
    expect(fake.loads).toEqual(["a"]);
  });

  test("eviction killing a running stream costs that call, which may be made again", async () => {
    const fake = await start({
      reply: ({ model }, index) => (model === "a" && index === 0 ? { text: "a b", stallAfterTokens: 1 } : { text: "Done" }),
    });
    const model = await seat(fake, "a");
    const outcome = await call(model, prompt, ({ type }) => {
      if (type === "text") fake.unload("a");
    });
    expect(failureIn(outcome)).toMatchObject({ kind: "unavailable", retryable: true });
    expect(await call(model)).toMatchObject({ type: "replied", text: "Done" });
  });

  test("No models loaded after a crash: with autoload the next call has it loaded again", async () => {
    const fake = await start({ jit: false, models: [{ id: "a", loaded: true }] });
    const model = await seat(fake, "a", { autoload: true });
    expect(await call(model)).toMatchObject({ type: "replied" });
    fake.unload("a");
    const deltas: string[] = [];
    expect(await call(model, prompt, ({ type }) => deltas.push(type))).toMatchObject({ type: "replied" });
    expect(deltas.slice(0, 2)).toEqual(["loading", "started"]);
  });

  test("context pool full with parallel requests: a model that we load has its calls held to the pool it turned out to have", async () => {
    const both = together(2);
    const reply = () => both().then(() => ({ text: "one two three four" }));
    const fake = await start({ contextTokens: 300, sharedPool: 300, reply });
    const model = await seat(fake, "a", { autoload: true });
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => call(model, { ...prompt, maxOutputTokens: 120 })));
    expect(outcomes.map(({ type }) => type)).toEqual(["replied", "replied", "replied", "replied"]);
    expect(fake.maxOpen).toBe(2);
  });
});
