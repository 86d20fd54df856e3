import { afterEach, describe, expect, test } from "vitest";
import { startFakeGemini } from "../../testing/fake-gemini-server.ts";
import { startFakeMessages } from "../../testing/fake-messages-server.ts";
import { startFakeOpenAI } from "../../testing/fake-openai-server.ts";
import { startFakeResponses } from "../../testing/fake-responses-server.ts";
import { backends, type CloudType } from "./backends.ts";
import { listModels } from "./list-models.ts";

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((server) => server.close()));
});

/** Servers that list `one` and `two` to whoever has the key. */
const starting: Readonly<Record<CloudType, (apiKey: string) => Promise<{ readonly at: string; close(): Promise<void> }>>> = {
  openai: async (apiKey) => responses(apiKey),
  grok: async (apiKey) => responses(apiKey),
  zai: async (apiKey) => {
    const server = await startFakeOpenAI({ apiKey, models: ["one", "two"], reply: {} });
    return { at: server.baseUrl, close: () => server.close() };
  },
  claude: async (apiKey) => {
    const server = await startFakeMessages({ apiKey, models: ["one", "two"], reply: {} });
    return { at: server.origin, close: () => server.close() };
  },
  gemini: async (apiKey) => {
    const server = await startFakeGemini({ apiKey, models: ["one", "two"], reply: {} });
    return { at: server.origin, close: () => server.close() };
  },
};

async function responses(apiKey: string) {
  const server = await startFakeResponses({ apiKey, models: ["one", "two"], reply: {} });
  return { at: server.baseUrl, close: () => server.close() };
}

async function listed(type: CloudType, apiKey?: string): Promise<readonly string[]> {
  const server = await starting[type]("key-0123456789");
  closing.push(server);
  const key = apiKey === undefined ? {} : { apiKey };
  return listModels(backends[type], { baseUrl: server.at, ...key, timeoutMs: 2_000 }, new AbortController().signal);
}

describe.each(Object.keys(starting) as CloudType[])("%s", (type) => {
  test("tells the names of its models to whoever has the key", async () => {
    expect(await listed(type, "key-0123456789")).toEqual(["one", "two"]);
  });

  test.each(["wrong-0123456789", undefined])("refuses %s", async (key) => {
    await expect(listed(type, key)).rejects.toMatchObject({ statusCode: type === "gemini" ? 400 : 401 });
  });
});

test("a page for people is no list", async () => {
  const server = await startFakeOpenAI({ reply: {} });
  closing.push(server);
  const listing = { url: () => `${server.baseUrl.replace("/v1", "")}/health`, headers: () => ({}) };
  const asked = listModels({ listing }, { baseUrl: server.baseUrl, timeoutMs: 2_000 }, new AbortController().signal);
  await expect(asked).rejects.toMatchObject({ statusCode: 200 });
});
