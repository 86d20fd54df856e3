import { afterEach, describe, expect, test } from "vitest";
import { ask, ballot, cloudAt, question, TEST_KEY } from "../../../../test/wire/cloud.ts";
import type { Prompt } from "../../../core/messages.ts";
import type { Outcome } from "../../../core/facts/outcome.ts";
import { type FakeGemini, type FakeGeminiOptions, startFakeGemini } from "../../../testing/fake-gemini-server.ts";
import { geminiError, type GeminiReply } from "../../../testing/fake-gemini/gemini-reply.ts";
import type { CloudOptions } from "../backend.ts";
import { gemini } from "./gemini.ts";

const servers: FakeGemini[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function seated(reply: FakeGeminiOptions["reply"], changes: Partial<CloudOptions> = {}, more: Partial<FakeGeminiOptions> = {}) {
  const server = await startFakeGemini({ reply, apiKey: TEST_KEY, ...more });
  servers.push(server);
  return { server, model: await cloudAt("gemini", server.origin, changes) };
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
  test("a body has the fields of a config, those of generationConfig there", async () => {
    const safetySettings = [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }];
    const { body, headers, model } = await sent({
      sampling: { temperature: 0.3, topP: 0.9, topK: 5, seed: 7, maxTokens: 100 },
      body: { stop_sequences: ["END"], safety_settings: safetySettings, presencePenalty: 0.1 },
    });
    expect(model).toBe("gemini-2.5-flash");
    expect(body).toEqual({
      generationConfig: {
        maxOutputTokens: 100,
        temperature: 0.3,
        topP: 0.9,
        topK: 5,
        seed: 7,
        thinkingConfig: { includeThoughts: true },
        stopSequences: ["END"],
        presencePenalty: 0.1,
      },
      safetySettings,
      contents: [{ role: "user", parts: [{ text: "Go on." }] }],
    });
    expect(headers["x-goog-api-key"]).toBe(TEST_KEY);
    expect((await sent({ body: { cached_content: "c" } })).body).toMatchObject({ cachedContent: "c" });
  });

  test.each([
    ["gemini-2.5-flash", { thinking_budget: 512 }, { thinkingBudget: 512, includeThoughts: true }],
    ["gemini-2.5-flash", { thinking_budget: 0 }, { thinkingBudget: 0, includeThoughts: false }],
    ["gemini-2.5-flash", { include_thoughts: false }, { includeThoughts: false }],
    ["gemini-3-pro-preview", { thinking_level: "low" }, { thinkingLevel: "low", includeThoughts: true }],
    ["gemini-2.0-flash", undefined, undefined],
  ])("%s thinks as %j says", async (model, config, drafting) => {
    const { body } = await sent({ model, fields: config === undefined ? {} : { thinking_config: config } });
    expect(body.generationConfig?.["thinkingConfig"]).toEqual(drafting);
  });

  test("a ballot has its schema and nothing of the thinking that texts have", async () => {
    const { body } = await sent({ fields: { thinking_config: { thinking_budget: 512 } }, search: true }, ballot);
    expect(body.generationConfig).toMatchObject({
      responseMimeType: "application/json",
      thinkingConfig: { thinkingBudget: 0 },
      temperature: 0,
    });
    expect(body.generationConfig?.["thinkingConfig"]).toEqual({ thinkingBudget: 0 });
    expect(body.generationConfig?.["responseJsonSchema"]).toMatchObject({ required: ["reason", "choice"] });
    expect(body).not.toHaveProperty("tools");
  });

  test("a ballot by tool, and one in text", async () => {
    const tool = await seated({ functionCalls: [{ name: "ballot", args: { reason: "It is right.", choice: "A" } }] });
    const asked: Prompt = { ...ballot, ballot: { rung: "tool", choices: ["A", "B"] } };
    expect(await ask(tool.model, asked)).toMatchObject({ type: "replied", toolCalls: [{ name: "ballot" }] });
    expect(tool.server.requests[0]?.body["toolConfig"]).toEqual({
      functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["ballot"] },
    });
    const { body } = await sent({}, { ...ballot, ballot: { rung: "text", choices: ["A", "B"] } });
    expect(body.generationConfig).not.toHaveProperty("responseMimeType");
  });

  test("fields are checked before anything is asked", () => {
    expect(gemini.fields.safeParse({ thinking_config: { thinking_budget: "much" } }).success).toBe(false);
    expect(gemini.fields.safeParse({ thinking_config: { thinking_level: "highest" } }).success).toBe(false);
  });

  test.each(["", "/v1beta", "/google", "/google/v1beta"])("an address that ends in %j gets the version of the API once", async (path) => {
    const server = await startFakeGemini({ reply: { text: "Hi" }, root: path.replace("/v1beta", "") });
    servers.push(server);
    expect(await ask(await cloudAt("gemini", server.origin.replace(/\/google$/u, "") + path))).toMatchObject({
      type: "replied",
      text: "Hi",
    });
  });
});

const refused = (code: number, status: string, message: string, details: readonly object[] = []): GeminiReply => ({
  status: code,
  body: geminiError(code, status, message, details),
});
const retry = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "3s" };
const quota = (quotaId: string): object => ({ "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [{ quotaId }] });

describe("failures are one sentence with the address, what happened and no key", () => {
  test.each<[string, GeminiReply, RegExp, object]>([
    [
      "a wrong key",
      refused(400, "INVALID_ARGUMENT", `API key not valid: ${TEST_KEY}. Please pass a valid API key.`),
      /does not accept the API key \(400\)/u,
      { kind: "auth", retryable: false },
    ],
    [
      "an expired key",
      refused(400, "INVALID_ARGUMENT", "API key expired. Please renew the API key."),
      /says that the API key has expired \(400\)/u,
      { kind: "auth", retryable: false },
    ],
    [
      "a key without the right",
      refused(403, "PERMISSION_DENIED", "Not for you"),
      /does not allow this with the API key \(403\)/u,
      { kind: "auth" },
    ],
    [
      "an unknown model",
      refused(404, "NOT_FOUND", "models/gemini-9 is not found"),
      /has no such model or path \(404\)/u,
      { kind: "not-found", retryable: false },
    ],
    [
      "a refused parameter",
      refused(400, "INVALID_ARGUMENT", "Budget 0 is invalid. This model only works in thinking mode."),
      /refused the request \(400\): Budget 0/u,
      { kind: "bad-request", retryable: false },
    ],
    [
      "a long prompt",
      refused(400, "INVALID_ARGUMENT", "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."),
      /cannot hold the prompt \(400\)/u,
      { kind: "context-overflow", retryable: false },
    ],
    ["a large request", { status: 413, body: "Request Entity Too Large" }, /too large/u, { kind: "bad-request", retryable: false }],
    [
      "a limit by the minute",
      refused(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", [
        quota("GenerateRequestsPerMinutePerProjectPerModel-FreeTier"),
        retry,
      ]),
      /limits how often it may be asked \(429\)/u,
      { kind: "rate-limited", retryable: true, retryAfterMs: 3_000 },
    ],
    [
      "a limit by the day",
      refused(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", [
        quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier"),
        retry,
      ]),
      /says that what may be asked in a day is used up \(429\)/u,
      { kind: "rate-limited", retryable: false },
    ],
    [
      "no credit",
      refused(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan and billing details."),
      /says that the account has no credit left \(429\)/u,
      { kind: "rate-limited", retryable: false },
    ],
    ["overload", refused(503, "UNAVAILABLE", "The model is overloaded."), /is not ready \(503\)/u, { kind: "overloaded", retryable: true }],
    [
      "an error of theirs",
      refused(500, "INTERNAL", "An internal error has occurred."),
      /failed \(500\)/u,
      { kind: "server-error", retryable: true },
    ],
    ["a redirect", { redirectTo: "https://elsewhere.example/" }, /redirects to https:\/\/elsewhere\.example/u, { kind: "redirect" }],
    [
      "a blocked prompt",
      { blocked: "PROHIBITED_CONTENT" },
      /withheld its reply for its content policy: PROHIBITED_CONTENT$/u,
      { kind: "content-filter", retryable: false },
    ],
    [
      "a blocked answer",
      { text: "I would", finish: "SAFETY" },
      /withheld its reply for its content policy: SAFETY$/u,
      { kind: "content-filter" },
    ],
    [
      "a recited answer",
      { text: "It was the best of times", finish: "RECITATION", finishMessage: "It is from a book." },
      /withheld its reply for its content policy: It is from a book\.$/u,
      { kind: "content-filter" },
    ],
    [
      "a broken call",
      { finish: "MALFORMED_FUNCTION_CALL" },
      /ended its reply with an error\.$/u,
      { kind: "server-error", retryable: true },
    ],
    ["no end", { text: "It was", finish: null }, /ended before it was complete/u, { kind: "invalid-reply", retryable: true }],
    [
      "overload in the middle",
      { text: "It was the", errorAtToken: { token: 2, body: geminiError(503, "UNAVAILABLE", "The model is overloaded.") } },
      /is not ready \(503\)/u,
      { kind: "overloaded", retryable: true },
    ],
    [
      "something that cannot be read",
      { text: "It was the", malformedAtToken: 1 },
      /sent something that cannot be read/u,
      { kind: "invalid-reply" },
    ],
  ])("%s", async (_name, reply, sentence, failure) => {
    const { server, model } = await seated(reply);
    const outcome = await ask(model);
    expect(outcome).toMatchObject({ type: "failed", failure });
    const { message } = (outcome as Extract<Outcome, { type: "failed" }>).failure;
    expect(message).toMatch(sentence);
    expect(message).toMatch(new RegExp(`${server.origin}|gemini/gemini-2.5-flash`, "u"));
    expect(message).not.toMatch(/\n/u);
    expect(JSON.stringify(outcome)).not.toContain(TEST_KEY);
  });

  test("what the fake refuses as the API does", async () => {
    const wrong = await seated({ text: "Hi" }, { apiKey: "another-key-0123456789" });
    expect(await ask(wrong.model)).toMatchObject({ type: "failed", failure: { kind: "auth" } });
    const unknown = await seated({ text: "Hi" }, { model: "gemini-9" }, { models: ["gemini-2.5-flash"] });
    expect(await ask(unknown.model)).toMatchObject({ type: "failed", failure: { kind: "not-found", status: 404 } });
  });
});

test("a stream that falls silent is given up, its connection closed", async () => {
  const { server, model } = await seated({ text: "One two three", stallAfterTokens: 2 });
  const outcome = await ask({ ...model, timeouts: { stallMs: 40 } });
  expect(outcome).toMatchObject({ type: "failed", text: "One two ", failure: { kind: "timeout" } });
  await expect.poll(() => server.closedEarly).toBe(1);
});

test("a search is told once, however often the chunks repeat it", async () => {
  const search = { queries: ["one", "two", "one"], pages: [{ uri: "https://a.example", title: "A" }] };
  const { model } = await seated({ text: "It is so.", search }, { search: true });
  expect(await ask(model)).toMatchObject({
    activity: [
      { tool: "google_search", input: '{"query":"one"}' },
      { tool: "google_search", input: '{"query":"two"}' },
    ],
    sources: [{ url: "https://a.example", title: "A" }],
    toolCalls: [],
  });
});

test("a key that cannot be sent is refused before anybody could quote it", async () => {
  const refusal = cloudAt("gemini", "http://127.0.0.1:9", { apiKey: "sk-secret\n0123456789" });
  await expect(refusal).rejects.toMatchObject({ code: "config", message: expect.not.stringContaining("secret") as string });
});
