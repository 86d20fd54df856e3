import { afterEach, describe, expect, test } from "vitest";
import { answered } from "../../../../test/answered.ts";
import type { Outcome } from "../../../core/facts/outcome.ts";
import { type FakeResponses, type FakeResponsesOptions, startFakeResponses } from "../../../testing/fake-responses-server.ts";
import { responsesError, type ResponsesReply } from "../../../testing/fake-responses/responses-reply.ts";
import { describeLanguageModel } from "../../../testing/model-contract.ts";
import type { CloudOptions } from "../backend.ts";
import { grok } from "./grok.ts";

const servers: FakeResponses[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function seated(reply: FakeResponsesOptions["reply"], options: Partial<CloudOptions> = {}) {
  const server = await startFakeResponses({ reply, apiKey: "xai-1" });
  servers.push(server);
  const given = { model: "grok-4.3", fields: {}, sampling: {}, search: false, code: false, ...options };
  return { server, model: await grok.create({ ...given, baseUrl: server.baseUrl, apiKey: "xai-1" }) };
}

async function said(reply: ResponsesReply, options: Partial<CloudOptions> = {}): Promise<Outcome> {
  return answered((await seated(reply, options)).model, "Hello");
}

describeLanguageModel({ describe, it: test }, "grok", {
  schema: true,
  usage: true,
  async makeModel() {
    const reply = ({ body }: { body: { text?: object } }): ResponsesReply =>
      body.text === undefined ? { text: "Hello there. ".repeat(9), betweenTokensMs: 1 } : { text: '{"choice":"heron"}' };
    return (await seated(reply)).model.languageModel;
  },
});

test("its own tools, an effort and further fields are sent; nothing is to be kept", async () => {
  const { server, model } = await seated(
    { text: "Hi" },
    {
      search: true,
      code: true,
      fields: { reasoning_effort: "low" },
      body: { max_turns: 3 },
      sampling: { temperature: 0.4, maxTokens: 20 },
    },
  );
  await answered(model, "Hello");
  expect(server.requests[0]?.headers.authorization).toBe("Bearer xai-1");
  expect(server.requests[0]?.body).toMatchObject({
    model: "grok-4.3",
    reasoning: { effort: "low" },
    max_turns: 3,
    temperature: 0.4,
    max_output_tokens: 20,
    store: false,
    tools: [{ type: "web_search" }, { type: "code_interpreter" }],
    include: ["code_interpreter_call.outputs"],
  });
});

test("an effort in the body counts more than one beside it", async () => {
  const { server, model } = await seated({ text: "Hi" }, { fields: { reasoning_effort: "low" }, body: { reasoning: { effort: "high" } } });
  await answered(model, "Hello");
  expect(server.requests[0]?.body.reasoning).toEqual({ effort: "high" });
});

test("searches, code, results and citations are told, and thinking is apart", async () => {
  const reply: ResponsesReply = {
    reasoning: "First I look.",
    searches: [{ query: "herons", sources: ["https://birds.example/2"] }],
    runs: [{ code: "print(1)", logs: "1" }],
    text: "Herons fish.",
    citations: [{ url: "https://birds.example/1", title: "https://birds.example/1" }],
  };
  expect(await said(reply, { search: true, code: true })).toMatchObject({
    text: "Herons fish.",
    reasoning: "First I look.",
    toolCalls: [],
    activity: [
      { tool: "web_search", input: '{"query":"herons"}', output: expect.stringContaining("birds.example/2") },
      { tool: "code_execution", input: '{"code":"print(1)"}', output: expect.stringContaining('"logs":"1"') },
    ],
    sources: [{ url: "https://birds.example/1" }],
  });
});

test("events that nobody knows yet are passed over", async () => {
  const usage = { input_tokens: 1, output_tokens: 1 };
  const events = [
    { type: "response.dreamt", dream: 1 },
    { type: "response.output_text.delta", item_id: "m", output_index: 0, content_index: 0, delta: "Hi" },
    { type: "response.output_item.done", output_index: 1, item: { type: "hologram", id: "h" } },
    { type: "response.completed", response: { id: "r", object: "response", output: [], status: "completed", usage } },
  ];
  expect(await said({ events })).toMatchObject({ type: "replied", text: "Hi", finish: "stop" });
});

describe("what goes wrong is one failure each", () => {
  test.each<readonly [string, ResponsesReply, string, boolean]>([
    ["response.failed", { text: "Half", failed: { code: "server_error", message: "The server had an error." } }, "server-error", true],
    [
      "an error event",
      { text: "a b", errorAtToken: { token: 1, body: { type: "error", code: "rate_limit_exceeded", message: "no", param: null } } },
      "rate-limited",
      true,
    ],
    [
      "an error in another shape",
      { text: "a b", errorAtToken: { token: 1, body: { type: "error", error: { code: "server_error", message: "no" } } } },
      "server-error",
      true,
    ],
    ["no end", { text: "Half", withoutDone: true }, "invalid-reply", true],
    ["a cut", { text: "Half of it", cutAfterBytes: 900 }, "connection", true],
    ["a filter", { text: "Half", incomplete: "content_filter" }, "content-filter", false],
    [
      "a wrong key",
      { status: 400, body: { code: "Client specified an invalid argument", error: "Incorrect API key provided: xa***1." } },
      "auth",
      false,
    ],
    [
      "credit gone",
      { status: 403, body: { error: "Your team has either used all available credits or reached its monthly limit." } },
      "rate-limited",
      false,
    ],
    [
      "an unknown model",
      { status: 404, body: { error: "The model grok-9 does not exist or your team has no access to it." } },
      "not-found",
      false,
    ],
    ["a policy", { status: 403, body: { error: "Content violates usage guidelines." } }, "content-filter", false],
    [
      "a refused field",
      { status: 400, body: responsesError("invalid_request_error", "Argument not supported: stop") },
      "bad-request",
      false,
    ],
  ])("%s", async (_name, reply, kind, retryable) => {
    expect(await said(reply)).toMatchObject({ type: "failed", failure: { kind, retryable } });
  });

  test("an effort that the model refuses is left out", async () => {
    const refused = { status: 400, body: { error: "Model grok-4 does not support parameter reasoning.effort." } };
    const { server, model } = await seated(({ body }) => (body.reasoning?.effort === undefined ? { text: "Hi" } : refused), {
      fields: { reasoning_effort: "low" },
    });
    expect(await answered(model, "Hello")).toMatchObject({ text: "Hi" });
    expect(server.requests).toHaveLength(2);
  });
});

describe("Live Search, which MassGen used", () => {
  test.each([
    [{ search: true, body: { search_parameters: { mode: "auto" } } }, { error: expect.stringContaining("leave search_parameters out") }],
    [
      { search: false, body: { search_parameters: { mode: "auto" }, user: "me" } },
      { search: true, body: { user: "me" }, warning: expect.stringContaining("enable_web_search is taken") },
    ],
    [
      { search: false, body: { search_parameters: { mode: "off" } } },
      { search: false, body: {}, warning: expect.stringContaining("is ignored") },
    ],
    [
      { search: true, body: { user: "me" } },
      { search: true, body: { user: "me" } },
    ],
  ] as const)("%j", (given, taken) => {
    expect(grok.adapt?.(given)).toMatchObject(taken);
  });
});
