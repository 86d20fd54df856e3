import { afterEach, describe, expect, test } from "vitest";
import { ask, ballot, cloudAt, question, TEST_KEY } from "../../../../test/wire/cloud.ts";
import type { Message, Prompt } from "../../../core/messages.ts";
import type { Outcome } from "../../../core/facts/outcome.ts";
import { type FakeMessages, type FakeMessagesOptions, startFakeMessages } from "../../../testing/fake-messages-server.ts";
import { type FakeServerTool, messagesError, type MessagesReply } from "../../../testing/fake-messages/messages-reply.ts";
import type { CloudOptions } from "../backend.ts";
import type { CouncilModel } from "../../model.ts";
import { claude } from "./claude.ts";

const servers: FakeMessages[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function seated(reply: FakeMessagesOptions["reply"], changes: Partial<CloudOptions> = {}, more: Partial<FakeMessagesOptions> = {}) {
  const server = await startFakeMessages({ reply, apiKey: TEST_KEY, ...more });
  servers.push(server);
  return { server, model: await cloudAt("claude", server.origin, changes) };
}

/** The body of the one request that a prompt becomes. */
async function sent(changes: Partial<CloudOptions>, prompt: Prompt = question) {
  const { server, model } = await seated({ text: '{"reason":"It is right.","choice":"A"}' }, changes);
  expect(await ask(model, prompt)).toMatchObject({ type: "replied" });
  const [request] = server.requests;
  if (request === undefined) throw new Error("nothing was asked");
  return request;
}

describe("what is asked", () => {
  test("a body has the fields of a config and nothing that Claude does not know", async () => {
    const { body, headers } = await sent({
      sampling: { temperature: 0.3, topK: 5, seed: 7, maxTokens: 100 },
      body: { metadata: { user_id: "u" } },
    });
    expect(body).toEqual({
      model: "claude-sonnet-4-5",
      max_tokens: 100,
      temperature: 0.3,
      top_k: 5,
      metadata: { user_id: "u" },
      messages: [{ role: "user", content: [{ type: "text", text: "Go on." }] }],
      stream: true,
    });
    expect(headers).toMatchObject({ "x-api-key": TEST_KEY, "anthropic-version": "2023-06-01" });
    expect(headers).not.toHaveProperty("authorization");
  });

  test.each([
    ["claude-sonnet-4-5", { type: "enabled", budget_tokens: 2048 }, { type: "enabled", budget_tokens: 2048 }, { type: "disabled" }],
    ["claude-opus-4-6", { type: "adaptive" }, { type: "adaptive", display: "summarized" }, { type: "disabled" }],
    ["claude-opus-4-6", { type: "adaptive", display: "omitted" }, { type: "adaptive", display: "omitted" }, { type: "disabled" }],
    ["claude-sonnet-5-5", { type: "adaptive" }, { type: "adaptive", display: "summarized" }, { type: "between_tools" }],
    ["claude-opus-5-5", undefined, undefined, undefined],
    ["claude-3-haiku-20240307", undefined, undefined, undefined],
  ])("%s thinks as %j says, and as little as it can over a ballot", async (model, thinking, drafting, voting) => {
    const changes = { model, fields: thinking === undefined ? {} : { thinking } };
    expect((await sent(changes)).body["thinking"]).toEqual(drafting);
    const { body } = await sent(changes, ballot);
    expect(body["thinking"]).toEqual(voting);
    expect(body["tools"] ?? []).toHaveLength(model.includes("claude-3") ? 1 : 0);
    expect(body["output_config"]).toEqual(
      model.includes("claude-3")
        ? undefined
        : expect.objectContaining({ format: expect.anything() as unknown, ...(model === "claude-opus-5-5" && { effort: "low" }) }),
    );
  });

  test("an effort is for texts", async () => {
    const changes = { model: "claude-opus-4-6", fields: { effort: "max" } };
    expect((await sent(changes)).body["output_config"]).toEqual({ effort: "max" });
    expect((await sent(changes, ballot)).body["output_config"]).not.toHaveProperty("effort");
  });

  test("the budget of thinking is room beside the text, and what a thinking model refuses stays out", async () => {
    const fields = { thinking: { type: "enabled", budget_tokens: 2048 } };
    const { body } = await sent({ fields, sampling: { temperature: 0.2, topP: 0.5, topK: 4, maxTokens: 1000 } });
    expect(body).toMatchObject({ max_tokens: 3048 });
    for (const name of ["temperature", "top_p", "top_k"]) expect(body).not.toHaveProperty(name);
  });

  test.each([
    ["claude-3-5-haiku-20241022", "code_execution_20250522", "code-execution-2025-05-22"],
    ["claude-sonnet-4-5", "code_execution_20250825", "code-execution-2025-08-25"],
    ["claude-opus-5-5", "code_execution_20250825", "code-execution-2025-08-25"],
  ])("%s runs code by %s", async (model, version, beta) => {
    const { body, headers } = await sent({ model, search: true, code: true });
    expect(body.tools).toEqual([
      { type: "web_search_20250305", name: "web_search" },
      { type: version, name: "code_execution" },
    ]);
    expect(headers["anthropic-beta"]).toBe(beta);
  });

  test("fields are checked before anything is asked", () => {
    expect(claude.fields.safeParse({ thinking: { type: "enabled", budget_tokens: 100 } }).success).toBe(false);
    expect(claude.fields.safeParse({ thinking: { type: "some" } }).success).toBe(false);
    expect(claude.fields.safeParse({ effort: "highest" }).success).toBe(false);
  });

  test.each(["", "/v1", "/anthropic", "/anthropic/v1"])("an address that ends in %j gets the version of the API once", async (path) => {
    const server = await startFakeMessages({ reply: { text: "Hi" }, root: path.replace("/v1", "") });
    servers.push(server);
    expect(await ask(await cloudAt("claude", server.origin.replace(/\/anthropic$/u, "") + path))).toMatchObject({
      type: "replied",
      text: "Hi",
    });
  });
});

describe("a turn that pauses", () => {
  const search = (query: string, url: string, id = query): FakeServerTool => ({
    id,
    name: "web_search",
    input: { query },
    result: [{ type: "web_search_result", title: query, url, encrypted_content: "c2VjcmV0", page_age: null }],
  });
  const pause: MessagesReply = {
    reasoning: "First.",
    serverTools: [search("one", "https://one.example")],
    text: "So far. ",
    stopReason: "pause_turn",
  };

  const pauseOf = (index: number): MessagesReply => ({ ...pause, serverTools: [search("one", "https://one.example", `one-${index}`)] });

  test("is gone on with what it said, and reads as one", async () => {
    const { server, model } = await seated(
      (_request, index) => (index < 2 ? pauseOf(index) : { serverTools: [search("two", "https://two.example")], text: "The end." }),
      { search: true, fields: { thinking: { type: "enabled", budget_tokens: 1024 } } },
    );
    const outcome = await ask(model);
    expect(outcome).toMatchObject({
      type: "replied",
      finish: "stop",
      text: "So far. So far. The end.",
      reasoning: "First.First.",
      activity: [{ input: '{"query":"one"}' }, { input: '{"query":"one"}' }, { input: '{"query":"two"}' }],
      sources: [
        { url: "https://one.example", title: "one" },
        { url: "https://two.example", title: "two" },
      ],
    });
    expect(server.requests.map(({ body }) => body.messages.length)).toEqual([1, 2, 2]);
    expect(server.requests[1]?.body.messages[1]).toEqual({
      role: "assistant",
      content: [
        { type: "thinking", thinking: "First.", signature: "c2lnbmVk" },
        { type: "server_tool_use", id: "one-0", name: "web_search", input: { query: "one" } },
        { type: "web_search_tool_result", tool_use_id: "one-0", content: search("one", "https://one.example").result },
        { type: "text", text: "So far. " },
      ],
    });
    expect(server.requests[2]?.body.messages[1]?.content).toHaveLength(8);
    const [one, two, three] = server.requests.map(({ body }) => Math.ceil(Buffer.byteLength(JSON.stringify(body.messages)) / 4));
    const { inputTokens } = outcome.usage;
    expect(inputTokens).toBeGreaterThan((three ?? 0) * 1.2);
    expect(inputTokens).toBeLessThan(((one ?? 0) + (two ?? 0) + (three ?? 0)) * 1.2);
  });

  test("goes on in the container of its code", async () => {
    const container = { id: "container_1", expires_at: "2026-01-01T00:00:00Z" };
    const { server, model } = await seated((_request, index) => (index === 0 ? { ...pause, container } : { text: "Done." }), {
      code: true,
    });
    expect(await ask(model)).toMatchObject({ type: "replied", text: "So far. Done." });
    expect(server.requests[1]?.body["container"]).toBe("container_1");
  });

  test("without end stops somewhere", async () => {
    const { server, model } = await seated(pause, { search: true });
    expect(await ask(model)).toMatchObject({ type: "replied", finish: "stop" });
    expect(server.requests).toHaveLength(11);
  });

  test("fails where going on fails", async () => {
    const { model } = await seated(
      (_request, index) => (index === 0 ? pause : { status: 529, body: messagesError("overloaded_error", "Overloaded") }),
      { search: true },
    );
    expect(await ask(model)).toMatchObject({ type: "failed", text: "So far. ", failure: { kind: "overloaded", retryable: true } });
    const cut = await seated((_request, index) => (index === 0 ? pause : { text: "More and more.", cutAfterBytes: 700 }), { search: true });
    expect(await ask(cut.model)).toMatchObject({ type: "failed", failure: { retryable: true } });
  });
});

describe("thinking and tools of ours", () => {
  const thinking = { fields: { thinking: { type: "enabled", budget_tokens: 1024 } } };
  const reply: MessagesReply = { reasoning: "I need it.", text: "Let me look.", toolUses: [{ id: "toolu_1", name: "look", input: {} }] };
  const conversation = (id: string): readonly Message[] => [
    { role: "user", text: "What is there?" },
    { role: "assistant", text: "Let me look.", toolCalls: [{ id, name: "look", input: "{}" }] },
    { role: "tool", results: [{ id, name: "look", text: "A heron." }] },
  ];
  const goOn = (model: CouncilModel, id = "toolu_1"): Promise<Outcome> => ask(model, { ...question, messages: conversation(id) });

  test("what was thought before a call goes back with it", async () => {
    const { server, model } = await seated((_request, index) => (index === 0 ? reply : { text: "A heron." }), thinking);
    expect(await ask(model)).toMatchObject({ toolCalls: [{ id: "toolu_1", name: "look" }] });
    expect(await goOn(model)).toMatchObject({ type: "replied", text: "A heron." });
    expect(server.requests[1]?.body.messages[1]?.content).toMatchObject([
      { type: "thinking", thinking: "I need it.", signature: "c2lnbmVk" },
      { type: "text" },
      { type: "tool_use" },
    ]);
    expect(server.requests[1]?.body["thinking"]).toMatchObject({ type: "enabled" });
  });

  test("who does not remember it goes on without thinking", async () => {
    const { server, model } = await seated({ text: "A heron." }, thinking);
    expect(await goOn(model, "toolu_of_another_process")).toMatchObject({ type: "replied", text: "A heron." });
    expect(server.requests[0]?.body["thinking"]).toEqual({ type: "disabled" });
  });

  test("only so much is remembered", async () => {
    const { server, model } = await seated(
      (_request, index) =>
        index < 201 ? { ...reply, toolUses: [{ id: `toolu_${index}`, name: "look", input: {} }] } : { text: "A heron." },
      thinking,
    );
    for (let index = 0; index < 201; index += 1) await ask(model);
    await goOn(model, "toolu_0");
    await goOn(model, "toolu_200");
    expect(server.requests.slice(-2).map(({ body }) => (body["thinking"] as { type: string }).type)).toEqual(["disabled", "enabled"]);
  });
});

const refused = (status: number, type: string, message: string): MessagesReply => ({ status, body: messagesError(type, message) });

describe("failures are one sentence with the address, what happened and no key", () => {
  test.each<[string, MessagesReply, RegExp, object]>([
    [
      "a wrong key",
      refused(401, "authentication_error", `invalid x-api-key ${TEST_KEY}`),
      /does not accept the API key \(401\)/u,
      { kind: "auth", retryable: false },
    ],
    [
      "an expired key",
      refused(401, "authentication_error", "API key has expired"),
      /says that the API key has expired \(401\)/u,
      { kind: "auth", retryable: false },
    ],
    [
      "a key without the right",
      refused(403, "permission_error", "Not for you"),
      /does not allow this with the API key \(403\)/u,
      { kind: "auth" },
    ],
    [
      "no credit",
      refused(400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
      /says that the account has no credit left \(400\)/u,
      { kind: "rate-limited", retryable: false },
    ],
    [
      "an unknown model",
      refused(404, "not_found_error", "model: claude-sonnet-9"),
      /has no such model or path \(404\)/u,
      { kind: "not-found", retryable: false },
    ],
    [
      "a refused parameter",
      refused(
        400,
        "invalid_request_error",
        "max_tokens: 900000 > 64000, which is the maximum allowed number of output tokens for claude-sonnet-4-5",
      ),
      /refused the request \(400\): max_tokens: 900000/u,
      { kind: "bad-request", retryable: false },
    ],
    [
      "a long prompt",
      refused(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
      /cannot hold the prompt \(400\)/u,
      { kind: "context-overflow", overflow: { promptTokens: 210_000, contextTokens: 200_000 } },
    ],
    [
      "prompt and output together",
      refused(400, "invalid_request_error", "input length and `max_tokens` exceed context limit: 199000 + 8000 > 200000"),
      /cannot hold the prompt \(400\)/u,
      { kind: "context-overflow" },
    ],
    [
      "a large request",
      refused(413, "request_too_large", "Request exceeds the maximum size"),
      /too large/u,
      { kind: "bad-request", retryable: false },
    ],
    [
      "a limit",
      { ...refused(429, "rate_limit_error", "Slow down"), headers: { "retry-after": "7" } },
      /limits how often it may be asked \(429\)/u,
      { kind: "rate-limited", retryable: true, retryAfterMs: 7_000 },
    ],
    ["overload", refused(529, "overloaded_error", "Overloaded"), /is too busy \(529\)/u, { kind: "overloaded", retryable: true }],
    [
      "an error of theirs",
      refused(500, "api_error", "Internal server error"),
      /failed \(500\)/u,
      { kind: "server-error", retryable: true },
    ],
    [
      "a filter",
      refused(400, "invalid_request_error", "Output blocked by content filtering policy"),
      /refused for its content policy \(400\)/u,
      { kind: "content-filter", retryable: false },
    ],
    [
      "a redirect",
      { redirectTo: "https://elsewhere.example/v1/messages" },
      /redirects to https:\/\/elsewhere\.example/u,
      { kind: "redirect" },
    ],
    ["a web page", { status: 200, body: "<html><title>Log in</title></html>" }, /a web page titled "Log in"/u, { kind: "not-found" }],
    [
      "overload at once",
      { events: [{ type: "error", error: { type: "overloaded_error", message: "Overloaded" } } as { type: string }] },
      /is too busy/u,
      { kind: "overloaded", retryable: true },
    ],
    [
      "a refusal in the middle",
      { text: "I would", stopReason: "refusal", stopDetails: { type: "refusal", explanation: "It is about weapons." } },
      /withheld its reply for its content policy: It is about weapons\.$/u,
      { kind: "content-filter", retryable: false },
    ],
    [
      "a refusal without reasons",
      { stopReason: "refusal" },
      /withheld its reply for its content policy: refusal$/u,
      { kind: "content-filter" },
    ],
  ])("%s", async (_name, reply, sentence, failure) => {
    const { server, model } = await seated(reply);
    const outcome = await ask(model);
    expect(outcome).toMatchObject({ type: "failed", failure });
    const { message } = (outcome as Extract<Outcome, { type: "failed" }>).failure;
    expect(message).toMatch(sentence);
    expect(message).toMatch(new RegExp(`^(?:${server.origin}|claude/claude-sonnet-4-5) `, "u"));
    expect(message).not.toMatch(/\n/u);
    expect(JSON.stringify(outcome)).not.toContain(TEST_KEY);
  });

  test("what the fake refuses as the API does", async () => {
    const { model } = await seated({ text: "Hi" }, { body: { thinking: { type: "enabled", budget_tokens: 9000 } } });
    expect(await ask(model)).toMatchObject({
      type: "failed",
      failure: { message: expect.stringContaining("must be greater than") as string },
    });
    const both = await seated({ text: "Hi" }, { body: { top_p: 0.5 }, sampling: { temperature: 0.5 } });
    expect(await ask(both.model)).toMatchObject({ type: "replied", text: "Hi" });
    expect(both.server.requests[0]?.body).not.toHaveProperty("top_p");
    const wrong = await seated({ text: "Hi" }, { apiKey: "another-key-0123456789" });
    expect(await ask(wrong.model)).toMatchObject({ type: "failed", failure: { kind: "auth", status: 401 } });
  });
});

test("a stream that falls silent is given up, its connection closed", async () => {
  const { server, model } = await seated({ text: "One two three", stallAfterTokens: 2 });
  const outcome = await ask({ ...model, timeouts: { stallMs: 40 } });
  expect(outcome).toMatchObject({ type: "failed", text: "One two ", failure: { kind: "timeout" } });
  await expect.poll(() => server.closedEarly).toBe(1);
});

test("a key that cannot be sent is refused before anybody could quote it", async () => {
  const refusal = cloudAt("claude", "http://127.0.0.1:9", { apiKey: "sk-secret\n0123456789" });
  await expect(refusal).rejects.toMatchObject({ code: "config", message: expect.not.stringContaining("secret") as string });
});

describe("events", () => {
  const start = {
    type: "message_start",
    message: { id: "m", type: "message", role: "assistant", model: "m", content: [], usage: { input_tokens: 3, output_tokens: 1 } },
  };
  const say = (index: number, text: string) =>
    [
      { type: "content_block_start", index, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index, delta: { type: "text_delta", text } },
      { type: "content_block_stop", index },
    ] as const;
  const end = [
    { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 2 } },
    { type: "message_stop" },
  ];

  test("of kinds that nobody knows yet are passed over", async () => {
    const news = [
      { type: "weather", sunny: true },
      { type: "content_block_start", index: 1, content_block: { type: "hologram", light: 3 } },
      { type: "content_block_delta", index: 1, delta: { type: "hologram_delta", light: 3 } },
      { type: "content_block_stop", index: 1 },
    ];
    const { model } = await seated({ events: [start, ...say(0, "One, "), ...news, ...say(2, "two."), ...end] });
    expect(await ask(model)).toMatchObject({ type: "replied", text: "One, two.", finish: "stop" });
  });

  test("that should say something and do not are trouble", async () => {
    const empty = { type: "content_block_delta", index: 0, delta: { type: "text_delta", words: "two." } };
    const { model } = await seated({ events: [start, ...say(0, "One, "), empty, ...end] });
    expect(await ask(model)).toMatchObject({ type: "failed", failure: { kind: "invalid-reply", retryable: true } });
  });
});
