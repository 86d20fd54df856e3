import { afterEach, describe, expect, test } from "vitest";
import type { ResponsesReply } from "./fake-responses/responses-reply.ts";
import { type FakeResponses, type FakeResponsesOptions, startFakeResponses } from "./fake-responses-server.ts";

const servers: FakeResponses[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(options: FakeResponsesOptions): Promise<FakeResponses> {
  const server = await startFakeResponses(options);
  servers.push(server);
  return server;
}

const body = { model: "gpt-m", input: [{ role: "user", content: "Hello" }], stream: true };

function post(server: FakeResponses, content: unknown = body, init: RequestInit = {}): Promise<Response> {
  return fetch(`${server.baseUrl}/responses`, {
    method: "POST",
    body: typeof content === "string" ? content : JSON.stringify(content),
    ...init,
  });
}

async function stream(reply: ResponsesReply): Promise<string> {
  return (await post(await start({ reply }))).text();
}

type Event = { readonly type: string; readonly [field: string]: unknown };

function eventsIn(text: string): readonly Event[] {
  return text.split("\n\n").flatMap((frame) => {
    const [, name, data] = /^event: ([\w.]+)\ndata: (.*)$/su.exec(frame) ?? [];
    if (data === undefined) return [];
    const event = JSON.parse(data) as Event;
    expect(event.type).toBe(name);
    return [event];
  });
}

describe("a streamed reply", () => {
  test("has its items between the events of its response, numbered", async () => {
    const events = eventsIn(
      await stream({
        reasoning: "Let me see.",
        searches: [{ query: "herons", sources: ["https://birds.example"] }],
        runs: [{ code: "print(1)", logs: "1" }],
        commentary: "One moment.",
        text: "Hi there",
        citations: [{ url: "https://birds.example", title: "Birds" }],
        functionCalls: [{ name: "look", arguments: { at: "sky" } }],
      }),
    );
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, index) => index));
    expect(events.filter(({ type }) => type === "response.output_item.done").map(({ item }) => (item as { type: string }).type)).toEqual([
      "reasoning",
      "web_search_call",
      "code_interpreter_call",
      "message",
      "message",
      "function_call",
    ]);
    expect(events.at(-1)).toMatchObject({
      type: "response.completed",
      response: { model: "gpt-m", usage: { input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 3 } } },
    });
    const deltas = events.flatMap(({ type, delta }) => (type === "response.output_text.delta" ? [delta] : []));
    expect(deltas.join("")).toBe("One moment.Hi there");
  });

  test("has its faults and ends, and recorded events as they are", async () => {
    expect(await stream({ text: "Hi", crlf: true, comments: true })).toMatch(/^: still here\r\n\r\nevent: response.created\r\ndata: /u);
    const failed = { type: "error", error: {} };
    expect(await stream({ text: "a b", errorAtToken: { token: 1, body: failed } })).toMatch(/event: error\ndata: .*\n\n$/u);
    expect(await stream({ events: [{ type: "ping" }] })).toBe('event: ping\ndata: {"type":"ping"}\n\n');
    expect(await stream({ text: "a", withoutDone: true })).not.toContain("response.completed");
    expect(eventsIn(await stream({ text: "a", incomplete: "content_filter" })).at(-1)).toMatchObject({ type: "response.incomplete" });
    expect(eventsIn(await stream({ failed: { code: "server_error", message: "no" } })).at(-1)).toMatchObject({
      type: "response.failed",
      response: { error: { code: "server_error" } },
    });
    expect(eventsIn(await stream({ refusal: "I must not." })).map(({ type }) => type)).toContain("response.refusal.done");
    await expect(stream({ text: "a b c", cutAfterBytes: 200 })).rejects.toThrow("terminated");
  });
});

test("an unstreamed reply is one document", async () => {
  const response = await post(await start({ reply: { text: "Hi", usage: { input_tokens: 7 } } }), { ...body, stream: false });
  expect(await response.json()).toMatchObject({
    status: "completed",
    output: [{ type: "message", content: [{ type: "output_text", text: "Hi" }] }],
    usage: { input_tokens: 7, output_tokens: 1 },
  });
});

test("wrong keys, paths, models, fields, lengths and bodies are answered as the API does", async () => {
  const server = await start({
    apiKey: "sk-right",
    models: ["gpt-m"],
    refuses: ["temperature"],
    contextTokens: 1_000,
    reply: (_request, index) => (index === 0 ? { status: 500, body: {} } : { redirectTo: "/x" }),
  });
  const headers = { authorization: "Bearer sk-right" };
  const said = async (content: unknown): Promise<unknown> => (await post(server, content, { headers })).json();
  expect(await (await post(server)).json()).toMatchObject({ error: { code: "invalid_api_key" } });
  expect((await post(server, body, { headers })).status).toBe(500);
  expect((await post(server, body, { headers, redirect: "manual" })).headers.get("location")).toBe("/x");
  expect((await post(server, "{", { headers })).status).toBe(400);
  expect(await said({ ...body, model: "gpt-x" })).toMatchObject({ error: { code: "model_not_found" } });
  expect(await said({ ...body, temperature: 0 })).toMatchObject({ error: { param: "temperature" } });
  expect(await said({ ...body, input: ["x".repeat(5_000)] })).toMatchObject({ error: { code: "context_length_exceeded" } });
  expect(await (await fetch(`${server.baseUrl}/models`, { headers })).json()).toMatchObject({ data: [{ id: "gpt-m" }] });
  expect((await fetch(`${server.baseUrl}/chat/completions`, { method: "POST", headers })).status).toBe(404);
});

test("beginnings are remembered in blocks, for each key of the cache", async () => {
  const server = await start({ reply: { text: "Hi" } });
  const cached = async (key: string, text: string): Promise<unknown> => {
    const asked = { ...body, stream: false, prompt_cache_key: key, input: [{ role: "user", content: text }] };
    const { usage } = (await (await post(server, asked)).json()) as { usage: { input_tokens_details: { cached_tokens: number } } };
    return usage.input_tokens_details.cached_tokens;
  };
  const head = "x".repeat(8_000);
  expect(await cached("a", `${head} one`)).toBe(0);
  expect(await cached("a", `${head} two`)).toBe(1_920);
  expect(await cached("b", `${head} two`)).toBe(0);
  expect(await cached("a", "short")).toBe(0);
});

test("a client that goes away is counted", async () => {
  const server = await start({ reply: { text: "a b", stallAfterTokens: 1 } });
  const gone = new AbortController();
  const response = await post(server, body, { signal: gone.signal });
  await response.body?.getReader().read();
  gone.abort();
  await expect.poll(() => server.closedEarly).toBe(1);
});
