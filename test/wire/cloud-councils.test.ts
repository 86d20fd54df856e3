import { afterEach, describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/core/facts.ts";
import type { Reply } from "../../src/core/facts/outcome.ts";
import type { CloudOptions } from "../../src/models/backends/backend.ts";
import type { CloudType } from "../../src/models/backends/backends.ts";
import { createCouncil, createMemoryLog } from "../../src/library/index.ts";
import { geminiError, type GeminiReply } from "../../src/testing/fake-gemini/gemini-reply.ts";
import { type FakeGemini, type GeminiBody, type GeminiRequest, startFakeGemini } from "../../src/testing/fake-gemini-server.ts";
import {
  type FakeMessages,
  type FakeMessagesOptions,
  type MessagesBody,
  startFakeMessages,
} from "../../src/testing/fake-messages-server.ts";
import { startFakeResponses } from "../../src/testing/fake-responses-server.ts";
import { ofType } from "../behaviours/council.ts";
import { cloudAt } from "./cloud.ts";

const servers: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const LONG = "Rayleigh scattering sends blue light round the sky, red light straight on. ".repeat(40);

/** The choices of a ballot that is asked by a schema. */
function choicesIn(schema: unknown): readonly string[] {
  return (schema as { properties: { choice: { enum: readonly string[] } } }).properties.choice.enum;
}

/** Every judge votes for another answer, so that no ballot is without meaning before the last. */
function voters(): (schema: unknown) => string {
  let votes = 0;
  return (schema) => JSON.stringify({ reason: "It is right.", choice: choicesIn(schema)[votes++] });
}

async function messages(options: Omit<FakeMessagesOptions, "reply"> = {}, draft = "An answer."): Promise<FakeMessages> {
  let drafts = 0;
  const vote = voters();
  const server = await startFakeMessages({
    ...options,
    reply: ({ body }) => {
      const schema = schemaOf(body);
      if (schema !== undefined) return { text: vote(schema), reasoning: "Which?", headersAfterMs: 15 };
      return { text: `${draft} ${(drafts += 1)}`, reasoning: "Hm." };
    },
  });
  servers.push(server);
  return server;
}

function schemaOf(body: MessagesBody): unknown {
  return (body["output_config"] as { format?: { schema: unknown } } | undefined)?.format?.schema;
}

async function council(seats: readonly (readonly [CloudType, string, Partial<CloudOptions>])[]) {
  const models = await Promise.all(seats.map(([type, address, changes]) => cloudAt(type, address, changes)));
  const log = createMemoryLog();
  const run = createCouncil({ seats: models.map((model) => ({ model })), log }).ask("Why is the sky blue?", { seed: 1, runId: "run" });
  return { ended: await run.result, events: log.read("run") };
}

function replies(events: readonly RunEvent[], purpose: string): readonly Reply[] {
  const ids = new Set(ofType(events, "call-requested").flatMap((request) => (request.purpose === purpose ? [request.callId] : [])));
  return ofType(events, "call-settled").flatMap(({ callId, outcome }) => (ids.has(callId) && outcome.type === "replied" ? [outcome] : []));
}

describe("a council of Claude", () => {
  test("answers, votes by schema and presents; ballots carry no tools and do not think", async () => {
    const server = await messages();
    const thinking = { type: "enabled", budget_tokens: 2048 };
    const seat = ["claude", server.origin, { search: true, code: true, fields: { thinking }, sampling: { temperature: 0.7 } }] as const;
    const { ended, events } = await council([seat, seat, seat]);
    expect(ended).toMatchObject({ outcome: "consensus", calls: 7 });
    const ballots = server.requests.filter(({ body }) => schemaOf(body) !== undefined);
    expect(ballots).toHaveLength(3);
    for (const { body } of ballots) {
      expect(body.tools).toBeUndefined();
      expect(body["thinking"]).toEqual({ type: "disabled" });
      expect(body["temperature"]).toBe(0);
    }
    const [draft] = server.requests;
    expect(draft?.body.tools).toEqual([
      { type: "web_search_20250305", name: "web_search" },
      { type: "code_execution_20250825", name: "code_execution" },
    ]);
    expect(draft?.headers["anthropic-beta"]).toContain("code-execution-2025-08-25");
    expect(draft?.body["thinking"]).toEqual(thinking);
    expect(draft?.body).not.toHaveProperty("temperature");
    expect(replies(events, "draft").map(({ reasoning }) => reasoning)).toEqual(["Hm.", "Hm.", "Hm."]);
    expect(JSON.stringify(server.requests.slice(3).map(({ body }) => body.messages))).not.toContain("Hm.");
    expect(ofType(events, "vote-cast").map(({ reason }) => reason)).toEqual(Array.from({ length: 3 }, () => "It is right."));
  });

  test("a model that cannot be held to a schema is asked by one tool, alone", async () => {
    let drafts = 0;
    const vote = voters();
    const server = await startFakeMessages({
      reply: ({ body: { tools = [] } }) => {
        const tool = tools.find(({ name }) => name === "json") as { input_schema?: unknown } | undefined;
        if (tool === undefined) return { text: `An answer ${(drafts += 1)}.` };
        return { toolUses: [{ name: "json", input: JSON.parse(vote(tool.input_schema)) as object }] };
      },
    });
    servers.push(server);
    const seats = ["claude-3-haiku-20240307", "claude-sonnet-4-0", "claude-3-5-haiku-20241022"].map(
      (model) => ["claude", server.origin, { model, search: true }] as const,
    );
    const { ended, events } = await council(seats);
    expect(ended.outcome).toBe("consensus");
    expect(ofType(events, "vote-cast").map(({ reason }) => reason)).toEqual(Array.from({ length: 3 }, () => "It is right."));
    expect(
      server.requests.flatMap(({ body: { tools = [] } }) => (tools.some(({ name }) => name === "json") ? [tools.length] : [])),
    ).toEqual([1, 1, 1]);
  });

  test("from the second judge on four fifths of the head come from the cache, though all are asked at once", async () => {
    const server = await messages({}, LONG);
    const { ended, events } = await council([1, 2, 3, 4].map(() => ["claude", server.origin, {}] as const));
    expect(ended).toMatchObject({ outcome: "consensus" });
    const cached = replies(events, "ballot")
      .map(({ usage }) => (usage.cachedInputTokens ?? 0) / usage.inputTokens)
      .sort((one, other) => one - other);
    expect(cached).toHaveLength(4);
    expect(cached[0]).toBe(0);
    for (const share of cached.slice(1)) expect(share).toBeGreaterThan(0.8);
    const heads = server.requests.flatMap(({ body }) => (schemaOf(body) === undefined ? [] : [partsOf(body)]));
    expect(new Set(heads.map(([head]) => JSON.stringify(head))).size).toBe(1);
    expect(heads[0]).toMatchObject([
      { cache_control: { type: "ephemeral" } },
      expect.not.objectContaining({ cache_control: expect.anything() as unknown }),
    ]);
  });
});

function partsOf({ messages: sent }: MessagesBody): readonly unknown[] {
  return sent.at(-1)?.content as readonly unknown[];
}

describe("a council of Gemini", () => {
  const schemaIn = ({ generationConfig }: GeminiBody): unknown => generationConfig?.["responseJsonSchema"];

  async function gemini(): Promise<FakeGemini> {
    let drafts = 0;
    const vote = voters();
    const server = await startFakeGemini({
      reply: ({ body }) => {
        const schema = schemaIn(body);
        if (schema !== undefined) return { text: vote(schema), headersAfterMs: 15 };
        const pages = [{ uri: "https://sky.example/blue", title: "sky.example" }];
        return {
          text: `${LONG} ${(drafts += 1)}`,
          reasoning: "Hm.",
          search: { queries: ["why is the sky blue"], pages },
          code: [{ code: "print(1)", output: "1\n" }],
        };
      },
    });
    servers.push(server);
    return server;
  }

  const thinkingOf = ({ body }: GeminiRequest): unknown => body.generationConfig?.["thinkingConfig"];

  test.each([
    ["gemini-2.5-flash", { includeThoughts: true }, { thinkingBudget: 0 }],
    ["gemini-2.5-pro", { includeThoughts: true }, { thinkingBudget: 128 }],
    ["gemini-3-pro-preview", { includeThoughts: true }, { thinkingLevel: "low" }],
    ["gemini-2.0-flash", undefined, undefined],
  ])("%s answers, votes by schema and presents; ballots carry no tools and think as little as can be", async (model, drafting, voting) => {
    const server = await gemini();
    const seat = ["gemini", server.origin, { model, search: true, code: true }] as const;
    const { ended, events } = await council([seat, seat, seat]);
    expect(ended).toMatchObject({ outcome: "consensus", calls: 7 });
    const [draft] = server.requests;
    expect(draft?.body.tools).toEqual([{ googleSearch: {} }, { codeExecution: {} }]);
    expect(draft?.headers["x-goog-api-key"]).toBeDefined();
    expect(thinkingOf(draft as GeminiRequest)).toEqual(drafting);
    const ballots = server.requests.filter(({ body }) => schemaIn(body) !== undefined);
    expect(ballots).toHaveLength(3);
    for (const ballot of ballots) {
      expect(ballot.body.tools).toBeUndefined();
      expect(thinkingOf(ballot)).toEqual(voting);
    }
    const [answered] = replies(events, "draft");
    expect(answered).toMatchObject({
      reasoning: "Hm.",
      activity: [
        {
          tool: "code_execution",
          input: JSON.stringify({ language: "PYTHON", code: "print(1)" }),
          output: expect.stringContaining("1\\n") as string,
        },
        { tool: "google_search", input: '{"query":"why is the sky blue"}' },
      ],
      sources: [{ url: "https://sky.example/blue", title: "sky.example" }],
    });
    expect(answered?.text).toMatch(/^Rayleigh/u);
    const cached = replies(events, "ballot").map(({ usage }) => (usage.cachedInputTokens ?? 0) / usage.inputTokens);
    expect(Math.max(...cached)).toBeGreaterThan(0.8);
  });

  test("a model that knows neither schemas nor functions fills in its ballots as text", async () => {
    let drafts = 0;
    const server = await startFakeGemini({
      reply: ({ body, model }) => {
        const refused = (what: string): GeminiReply => ({
          status: 400,
          body: geminiError(400, "INVALID_ARGUMENT", `${what} is not enabled for models/${model}`),
        });
        if (schemaIn(body) !== undefined) return refused("JSON mode");
        if (body.tools !== undefined) return refused("Function calling");
        const [, label] = /<answer name=\\"(\w)\\">/u.exec(JSON.stringify(body.contents)) ?? [];
        return { text: label === undefined ? `An answer ${(drafts += 1)}.` : `Reason: It is right.\nChoice: ${label}` };
      },
    });
    servers.push(server);
    const seat = ["gemini", server.origin, { model: "gemma-3-27b-it" }] as const;
    const { ended, events } = await council([seat, seat]);
    expect(ended.outcome).toBe("consensus");
    expect(ofType(events, "vote-cast")).toMatchObject([{ reason: "It is right." }]);
    const rungs = ofType(events, "call-requested").flatMap(({ rung }) => rung ?? []);
    expect(new Set(rungs)).toEqual(new Set(["schema", "tool", "text"]));
  });
});

describe.each(["openai", "grok"] as const)("a council of %s", (type) => {
  test("from the second judge on four fifths of the head come from the cache, though all are asked at once", async () => {
    let drafts = 0;
    const vote = voters();
    const server = await startFakeResponses({
      reply: ({ body }) => {
        const format = body.text?.format;
        if (format !== undefined) return { text: vote(format.schema), headersAfterMs: 15 };
        return { text: `${LONG} ${(drafts += 1)}` };
      },
    });
    servers.push(server);
    const seat = [type, server.baseUrl, { search: true, code: true }] as const;
    const { ended, events } = await council([seat, seat, seat, seat]);
    expect(ended).toMatchObject({ outcome: "consensus" });
    const cached = replies(events, "ballot")
      .map(({ usage }) => (usage.cachedInputTokens ?? 0) / usage.inputTokens)
      .sort((one, other) => one - other);
    expect(cached).toHaveLength(4);
    expect(cached[0]).toBe(0);
    for (const share of cached.slice(1)) expect(share).toBeGreaterThan(0.8);
    const named = server.requests.map(({ body }) => body.prompt_cache_key);
    expect(new Set(named)).toEqual(new Set(["massgen-run"]));
    const offered = server.requests.map(
      ({ body }) => `${body.text?.format === undefined ? "text" : "ballot"} ${(body.tools ?? []).length}`,
    );
    const times = (count: number, what: string): readonly string[] => Array.from({ length: count }, () => what);
    expect(offered).toEqual([...times(4, "text 2"), ...times(4, "ballot 0"), "text 0"]);
  });
});
