import { channel } from "node:diagnostics_channel";
import { afterEach, describe, expect, test } from "vitest";
import type { CouncilModel } from "../../src/models/model.ts";
import { CLOUD_SLOTS } from "../../src/models/backends/cloud-model.ts";
import { createChatCompletion } from "../../src/models/backends/chatcompletion/create-chat-completion.ts";
import { startFakeGemini } from "../../src/testing/fake-gemini-server.ts";
import { startFakeMessages } from "../../src/testing/fake-messages-server.ts";
import { startFakeOpenAI } from "../../src/testing/fake-openai-server.ts";
import type { FakeReply } from "../../src/testing/fake-openai/fake-reply.ts";
import { startFakeResponses } from "../../src/testing/fake-responses-server.ts";
import { ask, cloudAt } from "./cloud.ts";

const opened: string[] = [];
channel("undici:client:connected").subscribe((message) => {
  const { host, port } = (message as { connectParams: { host: string; port: string } }).connectParams;
  opened.push(`${host.replace(/:\d+$/u, "")}:${port}`);
});
const openedTo = (address: string): number => opened.filter((host) => host === new URL(address).host).length;

interface Started {
  readonly address: string;
  readonly server: { close(): Promise<void> };
  readonly seat: (parallel: number) => Promise<CouncilModel>;
}

type Reply = Pick<FakeReply, "text" | "betweenTokensMs" | "status" | "body">;

const starts: Readonly<Record<string, (reply: Reply) => Promise<Started>>> = {
  async claude(reply) {
    const server = await startFakeMessages({ reply });
    return { address: server.origin, server, seat: (parallel) => cloudAt("claude", server.origin, { parallel }) };
  },
  async "claude with its own tools"(reply) {
    const server = await startFakeMessages({ reply });
    return { address: server.origin, server, seat: (parallel) => cloudAt("claude", server.origin, { parallel, search: true }) };
  },
  async gemini(reply) {
    const server = await startFakeGemini({ reply });
    return { address: server.origin, server, seat: (parallel) => cloudAt("gemini", server.origin, { parallel }) };
  },
  async openai(reply) {
    const server = await startFakeResponses({ reply });
    return { address: server.baseUrl, server, seat: (parallel) => cloudAt("openai", server.baseUrl, { parallel }) };
  },
  async chatcompletion(reply) {
    const server = await startFakeOpenAI({ reply });
    const { baseUrl } = server;
    return { address: baseUrl, server, seat: async (parallel) => createChatCompletion({ model: "m", baseUrl, parallel }) };
  },
};

const servers: Started[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map(({ server }) => server.close()));
});

/** Asks for 30 replies, by three agents that share nothing but the host. */
async function askAll(start: (reply: Reply) => Promise<Started>, reply: Reply, parallel: number) {
  const server = await start(reply);
  servers.push(server);
  const agents = await Promise.all([1, 2, 3].map(() => server.seat(parallel)));
  const outcomes = await Promise.all(agents.flatMap((agent) => Array.from({ length: 10 }, () => ask(agent))));
  return { address: server.address, agents, outcomes };
}

describe.each(Object.entries(starts))("30 calls by %s", (_type, start) => {
  test.each([
    ["one after the other", 1],
    ["as many at once as clouds take", CLOUD_SLOTS],
  ])("%s, open no more connections than run at once, and keep them", async (_name, parallel) => {
    const { address, agents, outcomes } = await askAll(start, { text: "One two three.", betweenTokensMs: 1 }, parallel);
    expect(outcomes.filter((outcome) => outcome.type === "replied" && outcome.text === "One two three.")).toHaveLength(30);
    const before = openedTo(address);
    expect(before).toBeLessThanOrEqual(parallel);
    expect(before).toBeGreaterThan(0);
    for (const agent of agents) await ask(agent);
    expect(openedTo(address)).toBe(before);
  });

  test("that are refused cost no connection either", async () => {
    const { address, outcomes } = await askAll(start, { status: 500, body: { error: { message: "It broke." } } }, 1);
    expect(outcomes.every((outcome) => outcome.type === "failed")).toBe(true);
    expect(openedTo(address)).toBe(1);
  });
});
