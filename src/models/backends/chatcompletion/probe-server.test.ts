import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { startFakeOpenAI, type FakeServer } from "../../../testing/fake-openai-server.ts";
import { createChatCompletion } from "./create-chat-completion.ts";
import { probeServer } from "./probe-server.ts";

const never = new AbortController().signal;
const open: { close: () => unknown }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

/** A server that answers paths with JSON, everything else as LM Studio does: 200 with an error. */
async function serve(pages: Readonly<Record<string, unknown>>): Promise<string> {
  const server: Server = createServer((request, response) => {
    const page = pages[request.url ?? ""] ?? { error: `Unexpected endpoint or method. (${request.method} ${request.url})` };
    response.end(typeof page === "string" ? page : JSON.stringify(page));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  open.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

async function fake(options: Partial<Parameters<typeof startFakeOpenAI>[0]>): Promise<FakeServer> {
  const server = await startFakeOpenAI({ reply: {}, ...options });
  open.push(server);
  return server;
}

const list = (...entries: readonly object[]): object => ({ object: "list", data: entries });

test("llama.cpp tells its slots and the context of each", async () => {
  const { baseUrl } = await fake({ models: ["smol"], contextTokens: 2048, slots: 3 });
  const probe = await probeServer(`${baseUrl}/chat/completions/`, {}, never);
  expect(probe).toEqual({ kind: "llamacpp", models: [{ id: "smol", contextTokens: 2048 }], slots: 3 });
  if (!("models" in probe)) throw new Error("not probed");
  expect(createChatCompletion({ model: "smol", baseUrl, probe }).contextTokens).toBe(2048);
});

test.each([
  ["vllm", { "/v1/models": list({ id: "m", owned_by: "vllm", max_model_len: 4096 }) }, [{ id: "m", contextTokens: 4096 }]],
  ["ollama", { "/v1/models": list({ id: "m", owned_by: "library" }), "/api/version": { version: "0.17.4" } }, [{ id: "m" }]],
  [
    "lmstudio",
    {
      "/v1/models": list({ id: "m" }, { id: "n" }),
      "/lmstudio-greeting": { lmstudio: true },
      "/api/v0/models": list({ id: "m", max_context_length: 131_072, loaded_context_length: 8192 }, { id: "n", max_context_length: 4096 }),
    },
    [{ id: "m", contextTokens: 8192 }, { id: "n" }],
  ],
  [
    "openai-compatible",
    { "/v1/models": list({ id: "m", context_length: 32_000 }, { nothing: true }) },
    [{ id: "m", contextTokens: 32_000 }],
  ],
])("%s is told by what it answers", async (kind, pages, models) => {
  expect(await probeServer(await serve(pages), {}, never)).toEqual({ kind, models });
});

test("a key is asked for and sent", async () => {
  const { baseUrl } = await fake({ apiKey: "secret-key-1" });
  expect(await probeServer(baseUrl, {}, never)).toMatchObject({ kind: "auth", retryable: false });
  expect(await probeServer(baseUrl, { apiKey: "secret-key-1" }, never)).toMatchObject({ models: [{ id: "fake" }] });
});

test.each([
  ["answers 200 to everything", {}, "not-found"],
  ["answers with a web page", { "/v1/models": "<html><title>Router</title></html>" }, "not-found"],
  ["answers with nothing", { "/v1/models": "" }, "invalid-reply"],
])("a server that %s is none", async (_name, pages, kind) => {
  expect(await probeServer(await serve(pages), {}, never)).toMatchObject({ kind });
});

test("nobody there, or nobody in time", async () => {
  const server = await startFakeOpenAI({ reply: {} });
  await server.close();
  expect(await probeServer(server.baseUrl, {}, never)).toMatchObject({ kind: "not-running" });
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => {
    silent.listen(0, "127.0.0.1", resolve);
  });
  open.push({
    close: () => {
      silent.closeAllConnections();
      silent.close();
    },
  });
  const address = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/v1`;
  expect(await probeServer(address, { timeoutMs: 30 }, never)).toMatchObject({ kind: "timeout" });
});
