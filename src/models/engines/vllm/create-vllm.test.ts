import { afterAll, afterEach, describe, expect, it, test } from "vitest";
import { ballotBy, oneCall, question } from "../../../../test/engines/one-call.ts";
import type { Prompt } from "../../../core/messages.ts";
import { describeEngine } from "../../../testing/engine-contract.ts";
import type { FakeEngine } from "../../../testing/fake-engines/fake-engine.ts";
import { type FakeVllmOptions, startFakeVllm } from "../../../testing/fake-engines/vllm/start-fake-vllm.ts";
import { startFakeOpenAI } from "../../../testing/fake-openai-server.ts";
import { answeredBadly } from "../../http/ask-server.ts";
import { fetchModel } from "../../http/dispatcher.ts";
import { failureOf } from "../../failure-of.ts";
import type { Engine } from "../engine.ts";
import type { SeatOptions } from "../seat-model.ts";
import { createVllm } from "./create-vllm.ts";

const never = new AbortController().signal;
const nowhere = "http://127.0.0.1:59999";
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function start(options: FakeVllmOptions = {}, apiKey?: string): Promise<{ readonly fake: FakeEngine; readonly engine: Engine }> {
  const fake = await startFakeVllm(options);
  open.push(fake);
  return { fake, engine: createVllm({ baseUrl: fake.baseUrl, ...(apiKey === undefined ? {} : { apiKey }) }) };
}

const ask = (engine: Engine, prompt: Prompt = question, options: SeatOptions = {}) => oneCall({ engine, prompt, options });

/** Of the calls: what was asked to find out about flags is none. */
const sent = ({ requests }: FakeEngine) => requests.map(({ body }) => body).filter(({ max_tokens: limit }) => limit !== 0);

const shared = await startFakeVllm({ models: ["qwen"] });
afterAll(() => shared.close());
// Loading the HTTP client is not the engine's time.
await fetchModel(shared.origin);
describeEngine({ describe, it }, "the fake vLLM", {
  makeEngine: () => createVllm({ baseUrl: shared.baseUrl }),
  makeAbsent: () => createVllm({ baseUrl: nowhere }),
  model: "qwen",
});

describe("a look at it", () => {
  test("names its version", async () => {
    const { engine } = await start();
    expect(await engine.probe(never)).toEqual({ type: "ready", version: "0.32.0" });
  });

  test("finds nothing while it loads, and says that this may be the reason", async () => {
    expect(await createVllm({ baseUrl: nowhere }).probe(never)).toEqual({
      type: "down",
      failure: {
        kind: "not-running",
        retryable: true,
        message: `Nothing answers at ${nowhere}: vLLM opens its port once its model is loaded, minutes after its start. Is it running?`,
      },
    });
  });

  test("sees a server whose engine has died, though its list of models is there", async () => {
    const { fake, engine } = await start();
    fake.unload("fake-model");
    expect(await engine.probe(never)).toMatchObject({
      type: "down",
      failure: {
        kind: "unavailable",
        message: `vLLM at ${fake.origin} is there, but the engine behind it has died (503): start it again.`,
      },
    });
  });

  test("is refused without the key, which only /v1 asks for", async () => {
    const { fake, engine } = await start({ apiKey: "key-of-vllm" });
    expect(await engine.probe(never)).toMatchObject({ type: "refused", failure: { kind: "auth" } });
    expect(await createVllm({ baseUrl: fake.baseUrl, apiKey: "key-of-vllm" }).probe(never)).toMatchObject({ type: "ready" });
  });

  test("takes no other server for it, though that has models", async () => {
    const other = await startFakeOpenAI({ reply: {} });
    open.push(other);
    expect(await createVllm({ baseUrl: other.baseUrl }).probe(never)).toMatchObject({ type: "other" });
  });
});

describe("its flags are seen without a token", () => {
  test("with a parser ballots may go by tool, and nothing is advised about it", async () => {
    const { fake, engine } = await start({ contextTokens: 16_384 });
    const [found] = await engine.models(never);
    expect(found).toEqual({
      id: "fake-model",
      contextLoaded: { value: 16_384, source: "max_model_len of /v1/models" },
      tools: { value: true, source: "--tool-call-parser is set" },
      loaded: { value: true, source: "it serves this model" },
    });
    expect(found && engine.rungs(found)).toEqual(["schema", "tool", "text"]);
    expect((await engine.advice(never)).join(" ")).not.toContain("--tool-call-parser");
    expect(fake.maxOpen).toBe(0);
  });

  test("without one they do not, and the flags to add are named, with the parser of the model's family", async () => {
    const { fake, engine } = await start({ models: ["Qwen/Qwen2.5-7B-Instruct"], toolCalls: false });
    const [found] = await engine.models(never);
    expect(found && engine.rungs(found)).toEqual(["schema", "text"]);
    expect((await engine.advice(never)).join(" ")).toContain("--enable-auto-tool-choice --tool-call-parser hermes");
    expect(fake.maxOpen).toBe(0);
  });

  test("what needs a key to be asked stays unknown", async () => {
    const { engine } = await start({ apiKey: "key-of-vllm" });
    await expect(engine.models(never)).rejects.toMatchObject({ statusCode: 401 });
  });
});

test("/load and /metrics are not believed: the first is always 0, the second is 0 while a prompt is read", async () => {
  const { fake, engine } = await start();
  await engine.probe(never);
  await ask(engine);
  expect(fake.paths.filter((path) => /\/(?:load|metrics)/u.test(path))).toEqual([]);
  expect(engine.freed).toBeUndefined();
});

test("a server that is not vLLM is asked nothing that it might take for a call", async () => {
  const other = await startFakeOpenAI({ reply: {} });
  open.push(other);
  const engine = createVllm({ baseUrl: other.baseUrl });
  expect(await engine.models(never)).toHaveLength(1);
  expect(await engine.advice(never)).toEqual([]);
  expect(other.requests).toEqual([]);
});

describe("what is sent", () => {
  test("a ballot by schema has neither tools nor the old guided fields, which are ignored", async () => {
    const { fake, engine } = await start();
    await ask(engine, ballotBy("schema"));
    const [body = {}] = sent(fake);
    expect(body).toMatchObject({ response_format: { type: "json_schema", json_schema: { name: "ballot" } } });
    expect(Object.keys(body).filter((field) => /^(?:tools|tool_choice|guided_)/u.test(field))).toEqual([]);
  });

  test("a ballot by tool names its tool as an object and is strict: arguments are any JSON otherwise", async () => {
    const { fake, engine } = await start();
    expect(await ask(engine, ballotBy("tool"))).toMatchObject({ type: "replied", toolCalls: [{ name: "ballot" }] });
    expect(sent(fake)).toMatchObject([
      {
        tools: [{ type: "function", function: { name: "ballot", strict: true } }],
        tool_choice: { type: "function", function: { name: "ballot" } },
      },
    ]);
  });

  test("no list of tools is sent where there are none: an empty one is refused", async () => {
    const { fake, engine } = await start();
    await ask(engine);
    expect(sent(fake)[0]).not.toHaveProperty("tools");
  });

  test.each(["schema", "tool"] as const)("a ballot by %s keeps thinking off, with what the config tells the template", async (rung) => {
    const { fake, engine } = await start();
    await ask(engine, ballotBy(rung), { body: { chat_template_kwargs: { tone: "dry" } }, sampling: { topK: 7 } });
    expect(sent(fake)).toMatchObject([{ chat_template_kwargs: { tone: "dry", enable_thinking: false }, top_k: 7 }]);
  });

  test("there is always a limit, since structured output may fill up with white space, and it is never 0", async () => {
    const { fake, engine } = await start();
    for (const prompt of [question, ballotBy("schema"), ballotBy("tool"), ballotBy("text")]) await ask(engine, prompt);
    expect(sent(fake).map(({ max_tokens: limit }) => limit)).toEqual([100, 100, 100, 100]);
  });

  test("it is always streamed, and usage is asked for", async () => {
    const { fake, engine } = await start();
    await ask(engine);
    expect(sent(fake)).toMatchObject([{ stream: true, stream_options: { include_usage: true } }]);
  });
});

describe("what comes back", () => {
  test("a named call ends with `stop`", async () => {
    const { engine } = await start();
    expect(await ask(engine, ballotBy("tool"))).toMatchObject({ toolCalls: [{ input: expect.stringContaining('"choice":"A"') }] });
  });

  test("a named call that is cut leaks its mark as text and is no call", async () => {
    const { engine } = await start({ reply: { text: "<tool_c", finish: "length" } });
    expect(await ask(engine, ballotBy("tool"))).toMatchObject({ type: "replied", text: "<tool_c", toolCalls: [], finish: "length" });
  });

  test("thoughts are in `reasoning`, in older versions in `reasoning_content`", async () => {
    for (const reasoningAs of ["reasoning", "reasoning_content"] as const) {
      const { engine } = await start({ reply: { reasoning: "Hm, hm.", text: "Yes.", reasoningAs } });
      expect(await ask(engine)).toMatchObject({ type: "replied", reasoning: "Hm, hm.", text: "Yes." });
    }
  });

  test("without a parser they are tags in the text, and are told apart all the same", async () => {
    const { engine } = await start({ reasoningParser: false, reply: { reasoning: "Hm, hm.", text: "Yes." } });
    expect(await ask(engine)).toMatchObject({ type: "replied", reasoning: "Hm, hm.", text: "Yes." });
  });

  test("a call without `arguments` has none", async () => {
    const toolCalls = [{ index: 0, id: "chatcmpl-tool-1", type: "function", function: { name: "ballot" } }];
    const chunk = (delta: object, finish: string | null) => ({ choices: [{ index: 0, delta, finish_reason: finish }] });
    const { engine } = await start({ reply: { frames: [chunk({ content: null, tool_calls: toolCalls }, null), chunk({}, "tool_calls")] } });
    expect(await ask(engine, ballotBy("tool"))).toMatchObject({ type: "replied", toolCalls: [{ name: "ballot", input: "{}" }] });
  });

  test("`tool_calls` as the end of no calls is a failure to try again", async () => {
    const chunk = (delta: object, finish: string | null) => ({ choices: [{ index: 0, delta, finish_reason: finish }] });
    const { engine } = await start({ reply: { frames: [chunk({ role: "assistant", content: "" }, null), chunk({}, "tool_calls")] } });
    expect(await ask(engine, ballotBy("tool"))).toMatchObject({ type: "failed", failure: { retryable: true } });
  });

  test("cached tokens are known only with the flag, in whole blocks", async () => {
    const long = { ...question, messages: [{ role: "user", text: "word ".repeat(200) }] } as const;
    for (const promptDetails of [true, false]) {
      const { engine } = await start({ promptDetails, blockTokens: 128 });
      await ask(engine, long);
      const { usage } = await ask(engine, long);
      expect(usage.cachedInputTokens).toBe(promptDetails ? 128 : undefined);
    }
  });

  test("a running usage in every chunk counts once", async () => {
    const [plain, forced] = await Promise.all([start(), start({ forcedUsage: true })]);
    expect((await ask(forced.engine)).usage).toEqual((await ask(plain.engine)).usage);
  });

  test("an engine that dies while it writes costs that reply, and says what to do", async () => {
    const { fake, engine } = await start({ reply: { text: "a b c", betweenTokensMs: 5, stallAfterTokens: 2 } });
    const asking = ask(engine);
    while (fake.open === 0) await new Promise(setImmediate);
    fake.unload("fake-model");
    expect(await asking).toMatchObject({
      type: "failed",
      failure: { kind: "unavailable", message: expect.stringContaining("has to be started again") },
    });
  });

  test("tokens are counted with the chat template, by /tokenize", async () => {
    const { fake, engine } = await start();
    expect(await engine.countTokens?.("fake-model", [{ role: "user", text: "word ".repeat(40) }], never)).toBeGreaterThan(40);
    expect(fake.paths).toContain("POST /tokenize");
  });
});

const nested = (message: string, type = "BadRequestError") => ({ error: { message, type, param: null, code: 400 } });

test.each([
  [
    "auto without flags",
    400,
    nested('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'),
    "bad-request",
  ],
  ["required without flags", 400, nested('tool_choice="required" requires --tool-call-parser to be set'), "bad-request"],
  ["named without flags", 400, nested('tool_choice=function "vote" requires --tool-call-parser to be set'), "bad-request"],
  [
    "an empty list of tools",
    400,
    nested("`tools` must not be an empty array. Either provide at least one tool or omit the field entirely."),
    "bad-request",
  ],
  ["a model it does not have", 404, nested("The model `x` does not exist. Valid aliases: smollm2.", "NotFoundError"), "not-found"],
  [
    "a prompt that is too long",
    400,
    nested("This model's maximum context length is 16384 tokens. However, you requested 8192 output tokens"),
    "context-overflow",
  ],
  [
    "more output than context",
    400,
    nested("max_tokens=5000 cannot be greater than max_model_len=4096. Please request fewer"),
    "context-overflow",
  ],
  [
    "a body that does not fit",
    400,
    nested("1 validation error:\n  {'type': 'missing', 'loc': 'body.messages'}", "Bad Request"),
    "bad-request",
  ],
  ["no key", 401, { error: "Unauthorized" }, "auth"],
  ["an unknown path", 404, { detail: "Not Found" }, "not-found"],
  [
    "a dead engine",
    500,
    nested("EngineCore encountered an issue. See stack trace (above) for the root cause.", "InternalServerError"),
    "unavailable",
  ],
  [
    "a full queue of newer versions",
    503,
    nested("The engine is currently busy and cannot accept new requests. Please try again later or on a different instance."),
    "overloaded",
  ],
  [
    "the flat errors of older versions",
    400,
    { object: "error", message: "maximum context length is 4096 tokens", type: "BadRequestError" },
    "context-overflow",
  ],
])("%s is one sentence with engine and address", (_what, status, body, kind) => {
  const failure = failureOf(answeredBadly("http://127.0.0.1:8000/v1/chat/completions", body, status), "vLLM at http://127.0.0.1:8000", 0);
  expect(failure).toMatchObject({ kind, status });
  expect(failure.message).toMatch(/^vLLM at http:\/\/127\.0\.0\.1:8000 [^\n]+$/u);
});
