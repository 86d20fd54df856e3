import { afterEach, describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/core/facts.ts";
import { createCouncil, createMemoryLog } from "../../src/library/index.ts";
import type { CouncilModel } from "../../src/models/model.ts";
import { startFakeGemini } from "../../src/testing/fake-gemini-server.ts";
import { startFakeMessages } from "../../src/testing/fake-messages-server.ts";
import type { FakeReply } from "../../src/testing/fake-openai/fake-reply.ts";
import { startFakeResponses } from "../../src/testing/fake-responses-server.ts";
import { ofType } from "../behaviours/council.ts";
import { cloudAt } from "./cloud.ts";
import { noRecordings, recordedEvents } from "./recordings.ts";

const servers: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

type Faults = Pick<FakeReply, "splitEveryBytes" | "crlf" | "comments" | "betweenTokensMs" | "cutAfterBytes" | "status" | "body">;

/** The first choice of a ballot, wherever its schema stands in a request. */
function vote(request: unknown): string | undefined {
  const [, choice] = /"enum":\["([^"]+)"/u.exec(JSON.stringify(request)) ?? [];
  return choice === undefined ? undefined : JSON.stringify({ reason: "It is right.", choice });
}

/** Drafts are recordings, with faults; ballots and the presentation are filled in. */
async function claude(faults: Faults): Promise<CouncilModel> {
  const events = recordedEvents("anthropic", "anthropic-web-search-tool.1.chunks.txt");
  const server = await startFakeMessages({
    reply: ({ body }) => (body.tools === undefined ? { text: vote(body) ?? "Claude's last words.", ...faults } : { events, ...faults }),
  });
  servers.push(server);
  return cloudAt("claude", server.origin, { search: true });
}

async function gemini(faults: Faults): Promise<CouncilModel> {
  const chunks = recordedEvents("google", "google-text.chunks.txt");
  const server = await startFakeGemini({
    reply: ({ body }) => (body.tools === undefined ? { text: vote(body) ?? "Gemini's last words.", ...faults } : { chunks, ...faults }),
  });
  servers.push(server);
  return cloudAt("gemini", server.origin, { model: "gemini-3-pro-preview", search: true });
}

async function openai(faults: Faults): Promise<CouncilModel> {
  const events = recordedEvents("openai", "responses-openai-web-search-tool.1.chunks.txt");
  const server = await startFakeResponses({
    reply: ({ body }) => (body.tools === undefined ? { text: vote(body) ?? "OpenAI's last words.", ...faults } : { events, ...faults }),
  });
  servers.push(server);
  return cloudAt("openai", server.baseUrl, { search: true });
}

async function council(faults: { readonly claude?: Faults; readonly gemini?: Faults; readonly openai?: Faults }) {
  const models = await Promise.all([claude(faults.claude ?? {}), gemini(faults.gemini ?? {}), openai(faults.openai ?? {})]);
  const ids = ["claude", "gemini", "openai"];
  const log = createMemoryLog();
  const seats = models.map((model, index) => ({ id: ids[index] ?? "", model }));
  const settings = { bounds: { attemptsPerCall: 1, failuresPerAgent: 1 } };
  const ended = await createCouncil({ seats, log, settings }).ask("What is new?", { seed: 1, runId: "run" }).result;
  return { ended, events: log.read("run") };
}

const drafted = (events: readonly RunEvent[]): readonly string[] =>
  ofType(events, "answer-submitted")
    .flatMap(({ authors }) => authors)
    .toSorted();

describe.skipIf(noRecordings !== undefined)(`a council of Claude, Gemini and OpenAI on recorded streams ${noRecordings ?? ""}`, () => {
  test.each<[string, Faults]>([
    ["as they were", {}],
    ["split inside characters", { splitEveryBytes: 997 }],
    ["with other line ends and comments", { crlf: true, comments: true }],
  ])("agrees on streams %s", async (_name, faults) => {
    const { ended, events } = await council({ claude: faults, gemini: faults, openai: faults });
    expect(ended).toMatchObject({ outcome: "consensus", answer: expect.stringMatching(/last words\.$/u) as string });
    expect(ended.degraded).toBeNull();
    expect(drafted(events)).toEqual(["claude", "gemini", "openai"]);
    expect(JSON.stringify(ofType(events, "call-settled"))).toContain('"tool":"web_search"');
  });

  test.each<[string, Faults]>([
    ["cuts every stream", { cutAfterBytes: 900 }],
    ["does not know its key", { status: 401, body: { error: { message: "No such key." } } }],
    ["says something else", { status: 200, body: "<html><title>Maintenance</title></html>" }],
  ])("goes on without one that %s", async (_name, faults) => {
    for (const lost of ["claude", "gemini", "openai"]) {
      const { ended, events } = await council({ [lost]: faults });
      expect(ended.outcome).toBe("consensus");
      expect(drafted(events)).toEqual(["claude", "gemini", "openai"].filter((id) => id !== lost));
      expect(ofType(events, "agent-out")).toMatchObject([{ agent: lost }]);
    }
  });
});
