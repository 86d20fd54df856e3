import { afterEach, describe, expect, test, vi } from "vitest";
import { answered } from "../../../../test/answered.ts";
import type { Outcome, Reply } from "../../../core/facts/outcome.ts";
import type { Prompt } from "../../../core/messages.ts";
import { type FakeResponses, type FakeResponsesOptions, startFakeResponses } from "../../../testing/fake-responses-server.ts";
import { responsesError, type ResponsesReply } from "../../../testing/fake-responses/responses-reply.ts";
import { describeLanguageModel } from "../../../testing/model-contract.ts";
import { callModel } from "../../call-model.ts";
import { systemClock } from "../../clock.ts";
import type { Delta } from "../../model.ts";
import type { CloudOptions } from "../backend.ts";
import { openai } from "./openai.ts";

const servers: FakeResponses[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

type More = Partial<CloudOptions> & Omit<FakeResponsesOptions, "reply">;

async function seated(reply: FakeResponsesOptions["reply"], { models, refuses, contextTokens, apiKey = "sk-1", ...options }: More = {}) {
  const server = await startFakeResponses({
    reply,
    apiKey,
    ...(models && { models }),
    ...(refuses && { refuses }),
    ...(contextTokens && { contextTokens }),
  });
  servers.push(server);
  const given = { model: "gpt-5-mini", fields: {}, sampling: {}, search: false, code: false, ...options };
  return { server, model: await openai.create({ ...given, baseUrl: server.baseUrl, apiKey: "sk-1" }) };
}

async function said(reply: ResponsesReply, options: More = {}): Promise<Outcome> {
  return answered((await seated(reply, options)).model, "Hello");
}

const ballot: Prompt = {
  messages: [{ role: "user", text: "Which?" }],
  maxOutputTokens: 90,
  maxTextTokens: 90,
  ballot: { rung: "schema", choices: ["A", "B"] },
};

async function call(model: Parameters<typeof callModel>[0], prompt: Prompt, run?: string) {
  const deltas: Delta[] = [];
  const calling = callModel(model, prompt, { clock: systemClock(), ...(run !== undefined && { run }) }, new AbortController().signal);
  for (;;) {
    const { done, value } = await calling.next();
    if (done === true) return { deltas, outcome: value };
    deltas.push(value);
  }
}

describeLanguageModel({ describe, it: test }, "openai", {
  schema: true,
  usage: true,
  async makeModel() {
    const reply = ({ body }: { body: { text?: object; max_output_tokens?: number } }): ResponsesReply =>
      body.text === undefined ? { text: "Hello there. ".repeat(9), betweenTokensMs: 1 } : { text: '{"choice":"heron"}' };
    return (await seated(reply)).model.languageModel;
  },
});

describe("what is sent", () => {
  test("fields of a config as they are, and nothing is to be kept", async () => {
    const { server, model } = await seated(
      { text: "Hi" },
      {
        sampling: { maxTokens: 30 },
        fields: { text: { verbosity: "low" }, reasoning: { effort: "minimal", summary: "auto" } },
        body: { service_tier: "flex", metadata: { team: "a" } },
        search: true,
        code: true,
      },
    );
    await call(model, { ...ballot, ballot: undefined } as unknown as Prompt, "run-1");
    await call(model, ballot, "run-1");
    const [draft, vote] = server.requests;
    expect(draft?.headers.authorization).toBe("Bearer sk-1");
    expect(draft?.body).toMatchObject({
      model: "gpt-5-mini",
      stream: true,
      store: false,
      max_output_tokens: 30,
      text: { verbosity: "low" },
      reasoning: { effort: "minimal", summary: "auto" },
      service_tier: "flex",
      metadata: { team: "a" },
      tools: [{ type: "web_search" }, { type: "code_interpreter", container: { type: "auto" } }],
      prompt_cache_key: "massgen-run-1",
    });
    expect(vote?.body).toMatchObject({
      text: { verbosity: "low", format: { type: "json_schema", strict: true, schema: { properties: { choice: { enum: ["A", "B"] } } } } },
      prompt_cache_key: "massgen-run-1",
    });
    expect(vote?.body).not.toHaveProperty("tools");
  });

  test("a model that thinks is given time for it, and thinks little over a ballot unless a config says how much", async () => {
    const { server, model } = await seated({ text: "Hi" });
    expect(model.timeouts).toMatchObject({ firstTokenMs: 600_000 });
    await call(model, ballot);
    expect(server.requests[0]?.body.reasoning).toEqual({ effort: "low" });
    const told = await seated({ text: "Hi" }, { fields: { reasoning: { effort: "high", summary: "auto" } } });
    await call(told.model, ballot);
    expect(told.server.requests[0]?.body.reasoning).toEqual({ effort: "high", summary: "auto" });
    const quick = await seated({ text: "Hi" }, { model: "gpt-4o" });
    expect(quick.model.timeouts).toMatchObject({ firstTokenMs: 180_000 });
    await call(quick.model, ballot);
    expect(quick.server.requests[0]?.body).not.toHaveProperty("reasoning");
  });

  test("what was thought before a call of a tool goes back with it, encrypted", async () => {
    const tools = [{ name: "look", inputSchema: { type: "object", properties: {} } }];
    const { server, model } = await seated((_request, index) =>
      index === 0
        ? {
            reasoning: "I must look.",
            encryptedReasoning: "gAAAAB",
            functionCalls: [{ callId: "c1", name: "look", arguments: { at: "sky" } }],
          }
        : { text: "Blue." },
    );
    const question = { role: "user", text: "Which colour?" } as const;
    const ask = async (messages: Prompt["messages"]) => {
      const calling = callModel(
        model,
        { messages, maxOutputTokens: 90, maxTextTokens: 90, tools: ["look"] },
        { clock: systemClock(), tools },
        new AbortController().signal,
      );
      let next = await calling.next();
      while (next.done !== true) next = await calling.next();
      return next.value as Reply;
    };
    const { text, toolCalls } = await ask([question]);
    expect(toolCalls).toEqual([{ id: "c1", name: "look", input: '{"at":"sky"}' }]);
    const results = [{ id: "c1", name: "look", text: "It is blue." }];
    expect(await ask([question, { role: "assistant", text, toolCalls }, { role: "tool", results }])).toMatchObject({ text: "Blue." });
    const [first, second] = server.requests;
    expect(first?.body).toMatchObject({ include: ["reasoning.encrypted_content"], tools: [{ type: "function", name: "look" }] });
    expect(second?.body.input.slice(1)).toMatchObject([
      { type: "reasoning", id: "rs_fake", encrypted_content: "gAAAAB", summary: [{ text: "I must look." }] },
      { type: "function_call", call_id: "c1", name: "look", arguments: '{"at":"sky"}' },
      { type: "function_call_output", call_id: "c1", output: "It is blue." },
    ]);
  });

  test("a config may have its replies kept", async () => {
    const { server, model } = await seated({ text: "Hi" }, { body: { store: true } });
    await answered(model, "Hello");
    expect(server.requests[0]?.body).toMatchObject({ store: true });
  });

  test("nothing that the model refuses is told on the console, and what its server refuses is left out (BE-17)", async () => {
    const [warn, error] = [vi.spyOn(console, "warn"), vi.spyOn(console, "error")];
    const { server, model } = await seated(
      { text: "Hi" },
      { sampling: { temperature: 1, topP: 0.5, topK: 3, seed: 1 }, refuses: ["temperature"], model: "gpt-x" },
    );
    expect(await answered(model, "Hello")).toMatchObject({ type: "replied", text: "Hi" });
    expect(server.requests.map(({ body }) => "temperature" in body)).toEqual([true, false]);
    expect([...warn.mock.calls, ...error.mock.calls]).toEqual([]);
  });

  test("an organization that is not verified goes without summaries of thinking", async () => {
    const message = "Your organization must be verified to generate reasoning summaries.";
    const refused = {
      status: 400,
      body: responsesError("invalid_request_error", message, { param: "reasoning.summary", code: "unsupported_value" }),
    };
    const { server, model } = await seated(({ body }) => (body.reasoning?.summary === undefined ? { text: "Hi" } : refused), {
      fields: { reasoning: { effort: "high", summary: "auto" } },
    });
    expect(await answered(model, "Hello")).toMatchObject({ text: "Hi" });
    expect(server.requests.at(-1)?.body.reasoning).toEqual({ effort: "high" });
  });
});

describe("what comes back", () => {
  test("thinking and asides are no part of the answer; searches, code and citations are told beside it (BE-15)", async () => {
    const { model } = await seated(
      {
        reasoning: "First I look.",
        commentary: "One moment.",
        searches: [{ query: "herons", sources: ["https://birds.example/1", "https://birds.example/2"] }],
        runs: [{ code: "print(1)", logs: "1" }],
        text: "Herons fish.",
        citations: [{ url: "https://birds.example/1?utm_source=openai", title: "Birds" }],
      },
      { search: true, code: true },
    );
    const { deltas, outcome } = await call(model, { ...ballot, ballot: undefined } as unknown as Prompt);
    expect(outcome).toMatchObject({
      text: "Herons fish.",
      reasoning: "First I look.\n\nOne moment.",
      toolCalls: [],
      activity: [
        { tool: "web_search", input: '{"query":"herons"}', output: expect.stringContaining("birds.example/2") },
        { tool: "code_interpreter", input: '{"code":"print(1)"}', output: expect.stringContaining('"logs":"1"') },
      ],
      sources: [{ url: "https://birds.example/1", title: "Birds" }],
    });
    expect(deltas.filter(({ type }) => type === "activity")).toContainEqual({
      type: "activity",
      tool: "web_search",
      input: '{"query":"herons"}',
    });
  });

  test("what was found is the sources of a text that cites nothing", async () => {
    const reply = { searches: [{ query: "herons", sources: ["https://birds.example"] }], text: "Herons fish." };
    expect(await said(reply, { search: true })).toMatchObject({ sources: [{ url: "https://birds.example" }] });
  });

  test("the tokens of a cache and of thinking are counted (BE-9)", async () => {
    expect(
      await said({ reasoning: "abcd", text: "abcd", usage: { input_tokens: 2_000, input_tokens_details: { cached_tokens: 1_920 } } }),
    ).toMatchObject({
      usage: { inputTokens: 2_000, cachedInputTokens: 1_920, outputTokens: 2, reasoningTokens: 1, estimated: false },
    });
  });

  test("a reply that reached its limit says so", async () => {
    expect(await said({ text: "Half", incomplete: "max_output_tokens" })).toMatchObject({ type: "replied", finish: "length" });
  });
});

describe("what goes wrong is one failure each (BE-5)", () => {
  const failed = (code: string, message: string): ResponsesReply => ({ text: "Half", failed: { code, message } });
  const error = (status: number, message: string, more = {}): ResponsesReply => ({
    status,
    body: responsesError("invalid_request_error", message, more),
  });
  test.each<readonly [string, ResponsesReply, string, boolean]>([
    ["response.failed", failed("server_error", "The server had an error."), "server-error", true],
    ["response.failed before a word", { failed: { code: "rate_limit_exceeded", message: "Slow down" } }, "rate-limited", true],
    ["quota gone in the stream", failed("insufficient_quota", "You exceeded your current quota"), "rate-limited", false],
    [
      "an error event",
      {
        text: "a b",
        errorAtToken: { token: 1, body: { type: "error", code: "server_error", message: "no", param: null, sequence_number: 9 } },
      },
      "server-error",
      true,
    ],
    ["no end", { text: "Half", withoutDone: true }, "invalid-reply", true],
    ["a cut", { text: "Half of it", cutAfterBytes: 900 }, "connection", true],
    ["a frame that is no JSON", { text: "a b c", malformedAtToken: 1 }, "invalid-reply", true],
    ["a refusal", { refusal: "I must not." }, "content-filter", false],
    ["a filter", { text: "Half", incomplete: "content_filter" }, "content-filter", false],
    ["quota gone", error(429, "You exceeded your current quota", { code: "insufficient_quota" }), "rate-limited", false],
    ["too many", error(429, "Rate limit reached"), "rate-limited", true],
    [
      "a policy",
      error(400, "Invalid prompt: your prompt was flagged as potentially violating our usage policy.", { code: "invalid_prompt" }),
      "content-filter",
      false,
    ],
    ["a large image", error(400, "Image size is too big", { code: "image_too_large" }), "bad-request", false],
    ["a refused value", error(400, "Unsupported value: 'loud' is not supported.", { param: "text.verbosity" }), "bad-request", false],
    ["an expired key", error(401, "Your API key has expired"), "auth", false],
    [
      "an error with a good status",
      { unstreamed: true, status: 200, body: responsesError("server_error", "Overloaded") },
      "server-error",
      true,
    ],
    ["a page for people", { body: "<html><title>Portal</title></html>" }, "not-found", false],
    ["a redirect", { redirectTo: "https://evil.example/v1/responses" }, "redirect", false],
  ])("%s", async (_name, reply, kind, retryable) => {
    expect(await said(reply)).toMatchObject({
      type: "failed",
      failure: { kind, retryable, message: expect.stringMatching(/^[^\n]{20,400}$/u) },
    });
  });

  test("a wrong key", async () => {
    const outcome = await said({ text: "Hi" }, { apiKey: "sk-other" });
    expect(outcome).toMatchObject({ failure: { kind: "auth", retryable: false } });
    expect(JSON.stringify(outcome)).not.toContain("sk-1");
  });

  test("a model that is not there, and a prompt that is too long", async () => {
    const unknown = await said({ text: "Hi" }, { models: ["gpt-4o"] });
    expect(unknown).toMatchObject({ failure: { kind: "not-found", message: expect.not.stringContaining("chatcompletion") } });
    expect(await said({ text: "Hi" }, { contextTokens: 2 })).toMatchObject({ failure: { kind: "context-overflow", retryable: false } });
  });

  test.each([
    ["with 404", { status: 404, body: { error: "Not Found" } }],
    ["with a good status", { body: { error: "Unexpected endpoint or method. (POST /v1/responses)" } }],
  ])("a server that speaks the older interface alone is told how to be named, %s", async (_name, reply) => {
    const outcome = await said(reply);
    expect(outcome).toMatchObject({ failure: { kind: "not-found", message: expect.stringContaining("type: chatcompletion") } });
  });

  test("bytes in pieces, also inside characters, and comments between them change nothing", async () => {
    const reply = { text: "Grüße, 世界 🌍!", splitEveryBytes: 3, comments: true, crlf: true };
    expect(await said(reply)).toMatchObject({ type: "replied", text: "Grüße, 世界 🌍!" });
  });

  test("a stream that stalls is broken off and let go of", async () => {
    const { server, model } = await seated({ text: "a b c", stallAfterTokens: 2 });
    const outcome = await answered({ ...model, timeouts: { stallMs: 60 } }, "Hello");
    expect(outcome).toMatchObject({ type: "failed", failure: { kind: "timeout" }, text: "a b " });
    await expect.poll(() => server.closedEarly).toBe(1);
  });
});
