import { afterAll, afterEach, describe, expect, it, test } from "vitest";
import { ballotBy, oddServer, oneCall, question } from "../../../../test/engines/one-call.ts";
import type { Prompt } from "../../../core/messages.ts";
import { describeEngine } from "../../../testing/engine-contract.ts";
import { type FakeSglang, type FakeSglangOptions, startFakeSglang } from "../../../testing/fake-engines/sglang/start-fake-sglang.ts";
import { failureOf } from "../../failure-of.ts";
import { answeredBadly } from "../../http/ask-server.ts";
import { fetchModel } from "../../http/dispatcher.ts";
import type { Engine } from "../engine.ts";
import type { SeatOptions } from "../seat-model.ts";
import { createSglang } from "./create-sglang.ts";
import { sglangModels } from "./sglang-models.ts";

const never = new AbortController().signal;
const nowhere = "http://127.0.0.1:59999";
const open: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function start(options: FakeSglangOptions = {}): Promise<{ readonly fake: FakeSglang; readonly engine: Engine }> {
  const fake = await startFakeSglang(options);
  open.push(fake);
  return { fake, engine: createSglang({ baseUrl: fake.baseUrl }) };
}

/** A server that answers the same to everything. */
async function always(status: number, body: string): Promise<Engine> {
  const server = await oddServer((_request, response) => response.writeHead(status).end(body));
  open.push(server);
  return createSglang({ baseUrl: server.origin });
}

const ask = (engine: Engine, prompt: Prompt = question, options: SeatOptions = {}) => oneCall({ engine, prompt, options });

const shared = await startFakeSglang({ models: ["qwen"] });
afterAll(() => shared.close());
// Loading the HTTP client is not the engine's time.
await fetchModel(shared.origin);
describeEngine({ describe, it }, "the fake SGLang", {
  makeEngine: () => createSglang({ baseUrl: shared.baseUrl }),
  makeAbsent: () => createSglang({ baseUrl: nowhere }),
  model: "qwen",
});

describe("a look at it", () => {
  test("never uses /health, which generates a token and takes a second", async () => {
    const { fake, engine } = await start({ healthMs: 5_000 });
    expect(await engine.probe(never)).toEqual({ type: "ready", version: "0.5.6" });
    expect(fake.paths.filter((path) => path.includes("health"))).toEqual([]);
    expect(fake.requests).toEqual([]);
  });

  test("a bare 503 is a server that starts", async () => {
    expect(await (await always(503, "")).probe(never)).toEqual({ type: "loading" });
  });

  test("a 503 with a page is that of a proxy", async () => {
    const page = "<html><head><title>503 Service Unavailable</title></head></html>";
    expect(await (await always(503, page)).probe(never)).toMatchObject({ type: "other" });
  });

  test("nothing answers before its model is there, and the sentence says that this may be the reason", async () => {
    expect(await createSglang({ baseUrl: nowhere }).probe(never)).toMatchObject({
      type: "down",
      failure: { kind: "not-running", message: expect.stringContaining("SGLang opens its port once its model is loaded") },
    });
  });

  test("is refused without the key", async () => {
    const { engine } = await start({ apiKey: "key-of-sglang" });
    expect(await engine.probe(never)).toMatchObject({ type: "refused", failure: { kind: "auth" } });
  });

  test("a server that answers everything with 200 is none", async () => {
    expect(await (await always(200, '{"error":"Unexpected endpoint or method."}')).probe(never)).toMatchObject({ type: "other" });
  });
});

describe("what it tells of its model", () => {
  const list = { data: [{ id: "qwen", owned_by: "sglang", max_model_len: 32_768 }] };

  test("flags and limits, each with its source", async () => {
    const { engine } = await start({ models: ["qwen"], contextTokens: 16_384, slots: 48 });
    const [found] = await engine.models(never);
    expect(found).toEqual({
      id: "qwen",
      contextLoaded: { value: 16_384, source: "max_model_len of /v1/models" },
      vision: { value: false, source: "has_image_understanding of /get_model_info" },
      tools: { value: true, source: "tool_call_parser of /get_server_info" },
      reasoning: { value: true, source: "reasoning_parser of /get_server_info" },
      loaded: { value: true, source: "it serves this model" },
      slots: { value: 48, source: "max_running_requests of /get_server_info" },
    });
    expect(found && (await engine.slots(found, never))).toEqual({
      slots: { value: 48, source: "max_running_requests of /get_server_info" },
      sharing: "blocks",
    });
  });

  test("what it found room for at its start is less than what it was told", () => {
    const info = { max_running_requests: 256, dp_size: 2, internal_states: [{ effective_max_running_requests_per_dp: 24 }] };
    expect(sglangModels(list, info, {})[0]?.slots?.value).toBe(48);
  });

  test("a call cannot be longer than the memory that all share", () => {
    expect(sglangModels(list, { max_total_num_tokens: 20_480 }, {})[0]?.contextLoaded?.value).toBe(20_480);
    expect(sglangModels(list, { max_total_num_tokens: 90_000 }, {})[0]?.contextLoaded?.value).toBe(32_768);
  });

  test("what it does not tell stays unknown", () => {
    expect(sglangModels({ data: [{ id: "qwen" }, { object: "?" }] }, {}, {})).toEqual([
      { id: "qwen", loaded: { value: true, source: "it serves this model" } },
    ]);
  });

  test("without a parser of tool calls ballots go by schema, and the flags to add are named", async () => {
    const { engine } = await start({ toolCallParser: false, reasoningParser: false });
    const [found] = await engine.models(never);
    expect(found && engine.rungs(found)).toEqual(["schema", "text"]);
    const advice = (await engine.advice(never)).join(" ");
    for (const flag of ["--tool-call-parser", "--reasoning-parser", "--enable-cache-report"]) expect(advice).toContain(flag);
  });

  test("nothing is advised where all is set", async () => {
    const { engine } = await start({ cacheReport: true });
    expect(await engine.advice(never)).toEqual([]);
  });

  test("that it cuts prompts unseen is said", async () => {
    const engine = await always(200, '{"allow_auto_truncate":true}');
    expect(await engine.advice(never)).toEqual([expect.stringContaining("--allow-auto-truncate")]);
  });
});

describe("what is sent and what comes back", () => {
  test.each(["schema", "tool"] as const)("a ballot by %s keeps thinking off and thoughts apart", async (rung) => {
    const { fake, engine } = await start();
    const outcome = await ask(engine, ballotBy(rung), { body: { chat_template_kwargs: { tone: "dry" } }, sampling: { topK: 7 } });
    expect(outcome.type).toBe("replied");
    expect(fake.requests.map(({ body }) => body)).toMatchObject([
      { separate_reasoning: true, chat_template_kwargs: { tone: "dry", enable_thinking: false }, top_k: 7, max_tokens: 100 },
    ]);
  });

  test("a tool is chosen by name", async () => {
    const { fake, engine } = await start();
    expect(await ask(engine, ballotBy("tool"))).toMatchObject({ toolCalls: [{ name: "ballot" }] });
    expect(fake.requests[0]?.body).toMatchObject({ tool_choice: { type: "function", function: { name: "ballot" } } });
  });

  test("thoughts are in `reasoning_content`, and chunks say `matched_stop`", async () => {
    const { engine } = await start({ reply: { reasoning: "Hm, hm.", text: "Yes." } });
    expect(await ask(engine)).toMatchObject({ type: "replied", reasoning: "Hm, hm.", text: "Yes.", finish: "stop" });
  });

  test("cached tokens are known only with the flag", async () => {
    for (const cacheReport of [true, false]) {
      const { engine } = await start({ cacheReport });
      await ask(engine);
      const { usage } = await ask(engine);
      expect(usage.cachedInputTokens === undefined).toBe(!cacheReport);
    }
  });

  test("headers come only with the first chunk: what is wrong is a real status", async () => {
    const { engine } = await start({ contextTokens: 1_000 });
    const long: Prompt = { ...question, messages: [{ role: "user", text: "word ".repeat(2_000) }] };
    expect(await ask(engine, long)).toMatchObject({ type: "failed", failure: { kind: "context-overflow", status: 400, retryable: false } });
  });

  test("the end sent twice and empty names in later pieces of a call, as older versions did", async () => {
    const call = (name: string, args: string) => ({
      tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name, arguments: args } }],
    });
    const chunk = (delta: object, finish: string | null) => ({ choices: [{ index: 0, delta, finish_reason: finish }] });
    const frames = [
      chunk(call("ballot", ""), null),
      chunk(call("", '{"choice":'), null),
      chunk(call("", '"A"}'), null),
      chunk({}, "tool_calls"),
      chunk({}, "tool_calls"),
    ];
    const { engine } = await start({ reply: { frames } });
    expect(await ask(engine, ballotBy("tool"))).toMatchObject({ toolCalls: [{ name: "ballot", input: '{"choice":"A"}' }] });
  });

  test("an abort inside a reply fails that reply", async () => {
    const { fake, engine } = await start({ reply: { text: "a b c", betweenTokensMs: 5, stallAfterTokens: 2 } });
    const asking = ask(engine);
    while (fake.open === 0) await new Promise(setImmediate);
    fake.unload("fake-model");
    expect(await asking).toMatchObject({ type: "failed", failure: { kind: "server-error", retryable: true } });
  });
});

const flat = (message: string, type = "BadRequestError") => ({ object: "error", message, type, param: null, code: 400 });
const total =
  "Requested token count exceeds the model's maximum context length of 32768 tokens. You requested a total of 40000 tokens: 39000 tokens from the input messages and 1000 tokens for the completion.";

test.each([
  [
    "a prompt that is too long",
    400,
    flat("The input (40000 tokens) is longer than the model's context length (32768 tokens)."),
    "context-overflow",
  ],
  ["prompt and output that are too long", 400, flat(total), "context-overflow"],
  [
    "a prompt longer than its memory",
    400,
    flat("Input length (9000 tokens) exceeds the maximum allowed length (8000 tokens)."),
    "context-overflow",
  ],
  ["a body that does not fit", 400, flat("messages: Field required", "Bad Request"), "bad-request"],
  ["trouble inside", 500, flat("Internal server error: the scheduler has stopped.", "InternalServerError"), "server-error"],
  ["a server that starts", 503, "", "overloaded"],
  ["no key", 401, { error: "Unauthorized" }, "auth"],
  ["an unknown path", 404, { detail: "Not Found" }, "not-found"],
])("%s is one sentence with engine and address", (_what, status, body, kind) => {
  const failure = failureOf(
    answeredBadly("http://127.0.0.1:30000/v1/chat/completions", body, status),
    "SGLang at http://127.0.0.1:30000",
    0,
  );
  expect(failure).toMatchObject({ kind, status });
  expect(failure.message).toMatch(/^SGLang at http:\/\/127\.0\.0\.1:30000 [^\n]+$/u);
});
