import { afterEach, expect, test } from "vitest";
import { type FakeGemini, type FakeGeminiOptions, startFakeGemini } from "./fake-gemini-server.ts";

const servers: FakeGemini[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(options: FakeGeminiOptions): Promise<FakeGemini> {
  const server = await startFakeGemini(options);
  servers.push(server);
  return server;
}

const body = { contents: [{ role: "user", parts: [{ text: "Hello, my dear" }] }] };

function post(server: FakeGemini, content: unknown = body, init: RequestInit = {}): Promise<Response> {
  return fetch(`${server.origin}/v1beta/models/gemini-m:streamGenerateContent?alt=sse`, {
    method: "POST",
    body: typeof content === "string" ? content : JSON.stringify(content),
    ...init,
  });
}

async function chunks(server: FakeGemini): Promise<readonly object[]> {
  const text = await (await post(server)).text();
  return text.split("\n\n").flatMap((frame) => (frame === "" ? [] : [JSON.parse(frame.replace("data: ", "")) as object]));
}

test("a reply is chunks of parts, the last with its end and what was searched", async () => {
  const search = { queries: ["q"], pages: [{ uri: "https://a.example", title: "A" }] };
  const server = await start({ reply: { reasoning: "So.", text: "Hi there", functionCalls: [{ name: "f", args: { a: 1 } }], search } });
  expect(await chunks(server)).toMatchObject([
    { candidates: [{ content: { parts: [{ text: "So.", thought: true }] } }], modelVersion: "gemini-m" },
    { candidates: [{ content: { parts: [{ text: "Hi " }] } }] },
    { candidates: [{ content: { parts: [{ text: "there" }] } }] },
    { candidates: [{ content: { parts: [{ functionCall: { name: "f", args: { a: 1 } } }] } }] },
    { candidates: [{ finishReason: "STOP", groundingMetadata: { webSearchQueries: ["q"] } }], usageMetadata: { thoughtsTokenCount: 1 } },
  ]);
});

test("what prompts begin with in common is counted as cached", async () => {
  const server = await start({ reply: { text: "Hi" } });
  const [first] = await chunks(server);
  const [second] = await chunks(server);
  expect(first).not.toHaveProperty("usageMetadata.cachedContentTokenCount");
  expect(second).toHaveProperty("usageMetadata.cachedContentTokenCount");
});

test("what is wrong is refused in its own words", async () => {
  const server = await start({ reply: { status: 503, body: {} }, models: ["gemini-m"], apiKey: "right" });
  const headers = { "x-goog-api-key": "right" };
  expect(await (await post(server)).json()).toMatchObject({
    error: { status: "INVALID_ARGUMENT", details: [{ reason: "API_KEY_INVALID" }] },
  });
  expect((await post(server, "{", { headers })).status).toBe(400);
  expect((await post(server, body, { headers })).status).toBe(503);
  const tools = [{ googleSearch: {} }];
  const functions = { ...body, tools: [...tools, { functionDeclarations: [] }] };
  expect(await (await post(server, functions, { headers })).text()).toContain("function calling is unsupported");
  const schema = { ...body, tools, generationConfig: { responseMimeType: "application/json" } };
  expect(await (await post(server, schema, { headers })).text()).toContain("response mime type");
  expect((await fetch(`${server.origin}/v1beta/models`)).status).toBe(400);
  expect(await (await fetch(`${server.origin}/v1beta/models`, { headers })).json()).toMatchObject({
    models: [{ name: "models/gemini-m" }],
  });
  expect((await fetch(`${server.origin}/v1beta/files`)).status).toBe(404);
  expect(server.otherPaths).toEqual(["GET /v1beta/files"]);
  expect(server.requests).toHaveLength(1);
});
