import { afterEach, describe, expect, test } from "vitest";
import type { MessagesReply } from "./fake-messages/messages-reply.ts";
import { type FakeMessages, type FakeMessagesOptions, startFakeMessages } from "./fake-messages-server.ts";

const servers: FakeMessages[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(options: FakeMessagesOptions): Promise<FakeMessages> {
  const server = await startFakeMessages(options);
  servers.push(server);
  return server;
}

const body = { model: "claude-m", max_tokens: 10, messages: [{ role: "user", content: "Hello" }], stream: true };

function post(server: FakeMessages, content: unknown = body, init: RequestInit = {}): Promise<Response> {
  return fetch(`${server.origin}/v1/messages`, {
    method: "POST",
    body: typeof content === "string" ? content : JSON.stringify(content),
    ...init,
  });
}

async function stream(reply: MessagesReply): Promise<string> {
  return (await post(await start({ reply }))).text();
}

function eventsIn(text: string): readonly { type: string; [field: string]: unknown }[] {
  return text.split("\n\n").flatMap((frame) => {
    const [, name, data] = /^event: (\w+)\ndata: (.*)$/su.exec(frame) ?? [];
    if (data === undefined) return [];
    const event = JSON.parse(data) as { type: string };
    expect(event.type).toBe(name);
    return [event];
  });
}

describe("a streamed reply", () => {
  test("has its blocks between the events of its message", async () => {
    const events = eventsIn(
      await stream({ reasoning: "Let me see.", text: "Hi there", toolUses: [{ name: "Write", input: { path: "a" } }] }),
    );
    expect(events.map(({ type }) => type).filter((type) => type !== "content_block_delta")).toEqual([
      "message_start",
      ...Array.from({ length: 3 }, () => ["content_block_start", "content_block_stop"]).flat(),
      "message_delta",
      "message_stop",
    ]);
    expect(events[0]).toMatchObject({ message: { model: "claude-m", usage: { cache_read_input_tokens: 0 } } });
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: "tool_use" }, usage: { output_tokens: 8 } });
    const deltas = events.flatMap(({ delta }) => (delta === undefined ? [] : [delta as Record<string, string>]));
    expect(deltas.map(({ thinking = "" }) => thinking).join("")).toBe("Let me see.");
    expect(deltas.map(({ text = "" }) => text).join("")).toBe("Hi there");
    expect(deltas.map(({ partial_json: json = "" }) => json).join("")).toBe('{"path":"a"}');
  });

  test("has its faults, and recorded events as they are", async () => {
    expect(await stream({ text: "Hi", crlf: true, comments: true })).toMatch(/^: still here\r\n\r\nevent: message_start\r\ndata: /u);
    expect(await stream({ text: "a b", errorAtToken: { token: 1, body: { type: "error", error: {} } } })).toMatch(
      /event: error\ndata: .*\n\n$/u,
    );
    expect(await stream({ events: [{ type: "ping" }] })).toBe('event: ping\ndata: {"type":"ping"}\n\n');
    await expect(stream({ text: "a b c", cutAfterBytes: 200 })).rejects.toThrow("terminated");
  });
});

test("an unstreamed reply is one document", async () => {
  const reply = { text: "Hi", reasoning: "So.", usage: { cache_read_input_tokens: 7 } };
  const response = await post(await start({ reply }), { ...body, stream: false });
  expect(await response.json()).toMatchObject({
    content: [
      { type: "thinking", thinking: "So." },
      { type: "text", text: "Hi" },
    ],
    stop_reason: "end_turn",
    usage: { cache_read_input_tokens: 7, output_tokens: 2 },
  });
});

test("wrong keys, other paths, broken bodies and errors are answered as the API does", async () => {
  const server = await start({
    apiKey: "sk-right",
    reply: (_request, index) => (index === 0 ? { status: 529, body: {} } : { redirectTo: "/x" }),
  });
  const headers = { "x-api-key": "sk-right" };
  expect((await post(server, "{")).status).toBe(400);
  expect(await (await post(server)).json()).toMatchObject({ error: { type: "authentication_error" } });
  expect((await post(server, body, { headers })).status).toBe(529);
  expect((await post(server, body, { headers, redirect: "manual" })).headers.get("location")).toBe("/x");
  expect((await fetch(`${server.origin}/v1/models`)).status).toBe(404);
  expect(server.otherPaths).toEqual(["GET /v1/models"]);
  expect(server.requests).toHaveLength(2);
});

test("a client that goes away is counted", async () => {
  const server = await start({ reply: { text: "a b", stallAfterTokens: 1 } });
  const gone = new AbortController();
  const response = await post(server, body, { signal: gone.signal });
  await response.body?.getReader().read();
  gone.abort();
  await expect.poll(() => server.closedEarly).toBe(1);
});

test("what the API refuses is refused in its words", async () => {
  const server = await start({ reply: { text: "Hi" } });
  const refusal = async (fields: object): Promise<string> => (await post(server, { ...body, max_tokens: 4000, ...fields })).text();
  const thinking = { type: "enabled", budget_tokens: 2000 };
  const called = [
    { role: "user", content: "Look." },
    { role: "assistant", content: [{ type: "tool_use", id: "1", name: "look", input: {} }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "1", content: "A heron." }] },
  ];
  expect(await refusal({ thinking: { ...thinking, budget_tokens: 4000 } })).toContain("must be greater than");
  expect(await refusal({ thinking, temperature: 0.5 })).toContain("may only be set to 1");
  expect(await refusal({ thinking, tool_choice: { type: "tool", name: "look" } })).toContain("forces tool use");
  expect(await refusal({ thinking, messages: called })).toContain("Expected `thinking`");
  expect(await refusal({ temperature: 0.5, top_p: 0.5 })).toContain("cannot both be specified");
  expect(await refusal({ messages: [{ role: "user", content: [{ type: "text", text: "" }] }] })).toContain("must be non-empty");
  expect(server.requests).toEqual([]);
  expect(await refusal({ model: "claude-3-haiku", temperature: 0.5, top_p: 0.5 })).toContain("message_start");
});

test("what is marked is read from the cache once a reply to it has begun, and nothing else is", async () => {
  const server = await start({ reply: { text: "Hi", headersAfterMs: 5 }, cacheFromTokens: 10 });
  const head = { type: "text", text: "All judges see this alike. ".repeat(20), cache_control: { type: "ephemeral" } };
  const ask = async (text: string, fields: object = {}): Promise<object> => {
    const response = await post(server, { ...body, messages: [{ role: "user", content: [head, { type: "text", text }] }], ...fields });
    const [start] = eventsIn(await response.text());
    return (start as unknown as { message: { usage: object } }).message.usage;
  };
  expect(await Promise.all([ask("One."), ask("Two.")])).toMatchObject([{ cache_read_input_tokens: 0 }, { cache_read_input_tokens: 0 }]);
  const later = await ask("Three.");
  expect(later).toMatchObject({ cache_creation_input_tokens: 0 });
  expect((later as { cache_read_input_tokens: number }).cache_read_input_tokens).toBeGreaterThan(100);
  expect(await ask("Four.", { model: "claude-other" })).toMatchObject({ cache_read_input_tokens: 0 });
  expect(await ask("Five.", { tools: [{ name: "look" }] })).toMatchObject({ cache_read_input_tokens: 0 });
  const short = await start({ reply: { text: "Hi" } });
  const unmarked = await (
    await post(short, { ...body, system: [{ type: "text", text: "Short.", cache_control: { type: "ephemeral" } }] })
  ).text();
  expect(unmarked).toContain('"cache_creation_input_tokens":0');
});
