import { afterEach, describe, expect, test } from "vitest";
import type { FakeReply } from "./fake-openai/fake-reply.ts";
import { startFakeOpenAI, type FakeServer, type FakeServerOptions } from "./fake-openai-server.ts";

const servers: FakeServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(options: FakeServerOptions): Promise<FakeServer> {
  const server = await startFakeOpenAI(options);
  servers.push(server);
  return server;
}

function post(server: FakeServer, body: unknown, init: RequestInit = {}): Promise<Response> {
  return fetch(`${server.baseUrl}/chat/completions`, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...init,
  });
}

const body = { model: "m", messages: [{ role: "user", content: "Hello" }], stream: true };

async function text(reply: FakeReply, more: object = {}): Promise<string> {
  const response = await post(await start({ reply }), { ...body, ...more });
  return response.text();
}

describe("a streamed reply", () => {
  test("has a role, tokens, a finish and usage where asked for", async () => {
    const stream = await text({ text: "Hi there" }, { stream_options: { include_usage: true } });
    const chunks = stream.split("\n\n").filter((line) => line !== "");
    expect(chunks).toHaveLength(6);
    expect(chunks.map((line) => line.slice(0, 6))).toEqual(Array.from({ length: 6 }, () => "data: "));
    expect(chunks[1]).toContain('"content":"Hi "');
    expect(chunks[3]).toContain('"finish_reason":"stop"');
    expect(chunks[4]).toContain('"usage":{"prompt_tokens":3,"completion_tokens":3');
    expect(chunks[5]).toBe("data: [DONE]");
  });

  test("has its faults", async () => {
    expect(await text({ text: "Hi", crlf: true, comments: true })).toContain(": still here\r\n\r\ndata: ");
    expect(await text({ text: "a b", malformedAtToken: 1 })).toContain('data: {"choices":[{"del\n\n');
    expect(await text({ text: "a b", withoutDone: true, finish: null })).not.toMatch(/DONE|stop/u);
    expect(await text({ text: "a b", errorAtToken: { token: 1, body: { error: "no" } } })).toMatch(/data: \{"error":"no"\}\n\n$/u);
    expect(await text({ text: "ä", splitEveryBytes: 1 })).toContain('"content":"ä"');
    await expect(text({ text: "a b c", cutAfterBytes: 200 })).rejects.toThrow("terminated");
  });
});

test("an unstreamed reply is one document", async () => {
  const document = JSON.parse(await text({ text: "Hi", unstreamed: true, toolCalls: [{ name: "t", arguments: { a: 1 } }] })) as unknown;
  expect(document).toMatchObject({
    choices: [{ message: { content: "Hi", tool_calls: [{ function: { name: "t", arguments: '{"a":1}' } }] }, finish_reason: "tool_calls" }],
    usage: { prompt_tokens: 3 },
  });
});

test("errors, redirects and keys", async () => {
  const server = await start({ reply: { status: 429, body: { error: "slow" }, headers: { "retry-after": "2" } }, apiKey: "k" });
  expect((await post(server, body)).status).toBe(401);
  const refused = await post(server, body, { headers: { authorization: "Bearer k" } });
  expect([refused.status, refused.headers.get("retry-after"), await refused.text()]).toEqual([429, "2", '{"error":"slow"}']);
  const redirecting = await start({ reply: { redirectTo: "http://elsewhere.invalid/" } });
  const redirect = await post(redirecting, body, { redirect: "manual" });
  expect([redirect.status, redirect.headers.get("location")]).toEqual([307, "http://elsewhere.invalid/"]);
  expect((await post(redirecting, "{broken")).status).toBe(400);
  expect((await fetch(`${redirecting.baseUrl}/nothing`)).status).toBe(404);
});

test("the context is counted, and what of it was seen before", async () => {
  const server = await start({ reply: { text: "Hi", unstreamed: true }, contextTokens: 100 });
  const long = { ...body, messages: [{ role: "user", content: "x".repeat(380) }] };
  await post(server, long);
  expect(await (await post(server, long)).json()).toMatchObject({
    usage: { prompt_tokens: 97, prompt_tokens_details: { cached_tokens: 96 } },
  });
  const longer = await post(server, { ...body, messages: [{ role: "user", content: "x".repeat(500) }] });
  expect([longer.status, await longer.json()]).toMatchObject([
    400,
    { error: { type: "exceed_context_size_error", n_prompt_tokens: 127, n_ctx: 100 } },
  ]);
});

test("slots: further requests wait, and clients that leave are counted", async () => {
  const server = await start({ reply: { text: "a b", stallAfterTokens: 1 }, slots: 1 });
  const stop = new AbortController();
  const first = await post(server, body, { signal: stop.signal });
  const second = post(server, body, { signal: stop.signal });
  await expect.poll(() => server.requests.length, { interval: 2 }).toBe(2);
  expect([first.status, server.open, server.maxOpen]).toEqual([200, 1, 1]);
  stop.abort();
  await expect(second).rejects.toThrow("aborted");
  await expect.poll(() => server.closedEarly, { interval: 2 }).toBe(2);
  await expect.poll(() => server.open, { interval: 2 }).toBe(0);
});
