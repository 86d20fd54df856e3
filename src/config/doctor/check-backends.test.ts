import { afterEach, describe, expect, test } from "vitest";
import { discover } from "../../models/engines/discover.ts";
import type { FakeEngine, FakeModel } from "../../testing/fake-engines/fake-engine.ts";
import { startFakeOllama } from "../../testing/fake-engines/ollama/start-fake-ollama.ts";
import { startFakeVllm } from "../../testing/fake-engines/vllm/start-fake-vllm.ts";
import { backends } from "../../models/backends/backends.ts";
import { startFakeGemini } from "../../testing/fake-gemini-server.ts";
import { startFakeMessages } from "../../testing/fake-messages-server.ts";
import { startFakeOpenAI } from "../../testing/fake-openai-server.ts";
import { startFakeResponses } from "../../testing/fake-responses-server.ts";
import { folderWith } from "../../../test/backends/installed-packages.ts";
import { quietSurroundings } from "../../../test/quiet-surroundings.ts";
import type { BackendConfig } from "../schema.ts";
import type { Finding } from "./check.ts";
import { checkBackends } from "./check-backends.ts";

const closing: { close(): unknown }[] = [];
afterEach(() => Promise.all(closing.splice(0).map((one) => one.close())));

async function look(backend: BackendConfig, changes: { readonly engines?: string; readonly signal?: AbortSignal } = {}): Promise<Finding> {
  const { engines = "", signal = new AbortController().signal } = changes;
  const { checks } = await checkBackends([{ id: "a", backend }], {
    around: quietSurroundings({ environment: { MASSGEN_ENGINES: engines }, discover }),
    now: () => 0,
    lookMs: 500,
    signal,
  });
  const [check] = checks;
  if (check === undefined) throw new Error("nothing was checked");
  return check;
}

async function opened<Server extends { close(): unknown }>(starting: Promise<Server>): Promise<Server> {
  const server = await starting;
  closing.push(server);
  return server;
}

const ollama = async (...models: readonly (string | FakeModel)[]): Promise<FakeEngine> => opened(startFakeOllama({ models }));

describe("the model of an agent", () => {
  const asks = async (fake: FakeEngine, model?: string): Promise<Finding> =>
    look({ type: "ollama", base_url: fake.origin, ...(model !== undefined && { model }) });

  test("in memory or not", async () => {
    const fake = await ollama({ id: "qwen3:8b", loaded: true }, "gemma3:4b");
    expect(await asks(fake, "qwen3:8b")).toMatchObject({ status: "ok", text: expect.stringContaining("qwen3:8b is in memory") as string });
    expect(await asks(fake, "gemma3:4b")).toMatchObject({ status: "ok", text: expect.stringContaining("not in memory yet") as string });
  });

  test("not named: the only one, the only one in memory, or a choice to make", async () => {
    expect(await asks(await ollama("qwen3:8b"))).toMatchObject({
      status: "ok",
      text: expect.stringContaining("it has one, qwen3:8b") as string,
    });
    expect(await asks(await ollama("a:1b", { id: "b:1b", loaded: true }))).toMatchObject({ status: "ok" });
    expect(await asks(await ollama("a:1b", "b:1b"))).toMatchObject({ status: "failed", hint: "Name one: a:1b, b:1b." });
    expect(await asks(await ollama("nomic-embed-text"))).toMatchObject({ status: "failed", hint: "Fetch a model with it." });
  });

  test("not there: its nearest name or what is there; an engine started with one model may answer with that", async () => {
    expect(await asks(await ollama("qwen3:8b", "b:1b"), "qwen3:9b")).toMatchObject({ status: "failed", hint: "Did you mean qwen3:8b?" });
    expect(await asks(await ollama("zephyr:7b", "b:1b"), "qwen3:9b")).toMatchObject({ hint: "It has zephyr:7b, b:1b." });
    const vllm = await opened(startFakeVllm({ models: ["served"] }));
    const other = await look({ type: "vllm", base_url: vllm.origin, model: "quite-another" });
    expect(other).toMatchObject({ status: "warning", text: expect.stringContaining("may answer with served") as string });
  });

  test("of a server that is no engine: its list may not be whole", async () => {
    const server = await opened(startFakeOpenAI({ reply: { text: "Hi" }, models: ["one", "two"] }));
    expect(await look({ type: "chatcompletion", base_url: server.baseUrl, model: "three" })).toMatchObject({ status: "warning" });
    const silent = await opened(startFakeOpenAI({ reply: { text: "Hi" }, models: [] }));
    const listed = await look({ type: "chatcompletion", base_url: silent.baseUrl, model: "three" });
    expect(listed).toMatchObject({ status: "warning", text: expect.stringContaining("three may be missing") as string });
  });
});

describe("type: local", () => {
  test("is looked at as a run would take it today", async () => {
    const fake = await ollama({ id: "qwen3:8b", loaded: true });
    expect(await look({ type: "local" }, { engines: fake.origin })).toMatchObject({
      text: expect.stringContaining("qwen3:8b") as string,
    });
  });

  test("nothing there is a sentence with a remedy; cut off is unknown, never healthy", async () => {
    expect(await look({ type: "local" })).toMatchObject({ status: "failed", hint: expect.any(String) as string });
    const fake = await ollama("qwen3:8b");
    const cut = await look({ type: "local" }, { engines: fake.origin, signal: AbortSignal.abort() });
    expect(cut.status).toBe("unknown");
  });
});

test("of a package it is told whether it is there; it is not loaded", async () => {
  const package_folder = folderWith({ thing: "throw new Error('loaded');" });
  const of = (name: string): BackendConfig => ({ type: "ai_sdk", model: "m", fields: { package: name, package_folder } });
  expect(await look(of("thing"))).toMatchObject({
    status: "ok",
    text: expect.stringContaining("the package thing 1.2.3 is installed") as string,
  });
  expect(await look(of("absent"))).toMatchObject({ status: "failed", hint: "npm install absent" });
});

describe("a cloud (BE-16)", () => {
  const cloud = async (type: "claude" | "gemini" | "openai" | "grok" | "zai", backend: Partial<BackendConfig> = {}): Promise<Finding> => {
    const options = { apiKey: "key-0123456789", models: [backends[type].model, "o3"], reply: {} };
    const server = await opened<{ readonly baseUrl?: string; readonly origin?: string; close(): unknown }>(
      type === "claude"
        ? startFakeMessages(options)
        : type === "gemini"
          ? startFakeGemini(options)
          : type === "zai"
            ? startFakeOpenAI(options)
            : startFakeResponses(options),
    );
    return look({ type, base_url: server.baseUrl ?? server.origin, api_key: "key-0123456789", ...backend });
  };

  test.each(["claude", "gemini", "openai", "grok", "zai"] as const)(
    "%s: is asked in its own way, and has its usual model",
    async (type) => {
      expect(await cloud(type)).toMatchObject({
        status: "ok",
        text: expect.stringContaining(`its model ${backends[type].model} is there`) as string,
      });
    },
  );

  test("a wrong key and a model that is not listed are told", async () => {
    expect(await cloud("claude", { api_key: "wrong-123456789" })).toMatchObject({ status: "failed", state: "refused" });
    expect(await cloud("gemini", { api_key: "wrong-123456789" })).toMatchObject({ status: "failed", state: "refused" });
    expect(await cloud("openai", { model: "gpt-5-minni" })).toMatchObject({ status: "warning", hint: "Did you mean gpt-5-mini?" });
  });

  test("a gateway without a list may have the model", async () => {
    const gateway = await opened(startFakeMessages({ reply: {} }));
    expect(await look({ type: "claude", base_url: gateway.origin, api_key: "key-0123456789", model: "claude-x" })).toMatchObject({
      status: "warning",
      text: expect.stringContaining("claude-x may be missing") as string,
    });
  });
});
