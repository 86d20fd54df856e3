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
