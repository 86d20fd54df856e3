import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { buildCouncil } from "../../src/config/build-council.ts";
import type { AgentConfig } from "../../src/config/schema.ts";
import { createCouncil, createMemoryLog } from "../../src/library/index.ts";
import type { FakeReply } from "../../src/testing/fake-openai/fake-reply.ts";
import { renderFrames } from "../../src/testing/fake-openai/render-frames.ts";
import { councilAnswer } from "../../src/testing/fake-engines/council-answer.ts";
import type { FakeRequest, FakeServer } from "../../src/testing/fake-openai-server.ts";
import { startFakeOpenAI } from "../../src/testing/fake-openai-server.ts";
import { describeLanguageModel } from "../../src/testing/model-contract.ts";
import { massgen, workplace } from "../cli/massgen.ts";
import { ofType } from "../behaviours/council.ts";
import { quietSurroundings } from "../quiet-surroundings.ts";
import { type CohereRequest, type FakeCohere, startFakeCohere } from "./fake-cohere.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as { readonly dependencies: object };
/** Libraries of the AI SDK, and what speaks to no provider directly. */
const libraries = new Set(["provider", "provider-utils", "gateway"]);

/** The provider packages that are installed here and that massgen itself names nowhere. */
const strangers = readdirSync(`${root}node_modules/@ai-sdk`)
  .filter((name) => !libraries.has(name) && existsSync(`${root}node_modules/@ai-sdk/${name}/package.json`))
  .map((name) => `@ai-sdk/${name}`)
  .filter((name) => !Object.hasOwn(manifest.dependencies, name));

const say = (messages: unknown): string => (JSON.stringify(messages).includes("thousand") ? "one two three ".repeat(200) : "Hello there.");

const servers: { openai?: FakeServer; cohere?: FakeCohere } = {};
beforeAll(async () => {
  servers.openai = await startFakeOpenAI({
    reply: ({ headers, body }) => {
      const reply = answering.council ? asCouncil(body) : asContract(body);
      return headers["user-agent"]?.includes("ai-sdk-groq") === true ? asGroq(reply) : reply;
    },
  });
  servers.cohere = await startFakeCohere(({ body }) => {
    if (answering.council) return asCouncil(likeOpenAi(body)).text ?? "";
    return body.response_format === undefined ? say(body.messages) : '{"choice":"heron"}';
  });
});
afterAll(() => Promise.all(Object.values(servers).map((server) => server.close())));

const place = workplace();
afterAll(() => place.remove());

const answering = { council: false };

function asContract(body: FakeRequest["body"]) {
  return body.response_format === undefined ? { text: say(body.messages), betweenTokensMs: 1 } : { text: '{"choice":"heron"}' };
}

/** Groq reports tokens in a place of its own, whether or not it is asked to. */
function asGroq(reply: FakeReply): FakeReply {
  const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };
  const frames = renderFrames(reply, "fake", undefined).map(({ data }) => data);
  return { ...reply, frames: [...frames, { object: "chat.completion.chunk", choices: [], x_groq: { id: "req_1", usage } }] };
}

function asCouncil(body: FakeRequest["body"]) {
  return councilAnswer({ body, model: body.model ?? "" } as Parameters<typeof councilAnswer>[0]);
}

/** Cohere has the schema itself where OpenAI has it in a mapping. */
function likeOpenAi(body: CohereRequest["body"]): FakeRequest["body"] {
  const schema = body.response_format?.json_schema;
  return {
    ...body,
    response_format: schema === undefined ? undefined : { type: "json_schema", json_schema: { schema } },
  } as FakeRequest["body"];
}

function agentOf(name: string, id = "one"): AgentConfig {
  const baseUrl = name === "@ai-sdk/cohere" ? servers.cohere?.baseUrl : servers.openai?.baseUrl;
  return {
    id,
    backend: {
      type: "ai_sdk",
      model: `model-of-${id}`,
      api_key: "secret-of-a-test",
      fields: { package: name },
      ...(baseUrl && { base_url: baseUrl }),
    },
  };
}

async function seated(agents: readonly AgentConfig[]) {
  return (await buildCouncil({ agents, secrets: [] }, quietSurroundings(), new AbortController().signal)).seats;
}

test("three packages at least are installed that massgen names nowhere", () => {
  expect(strangers.length).toBeGreaterThanOrEqual(3);
});

for (const name of strangers) {
  describeLanguageModel({ describe, it }, name, {
    makeModel: async () => (await seated([agentOf(name)]))[0]?.model.languageModel ?? expect.fail("it has a seat"),
    schema: name !== "@ai-sdk/deepseek",
    usage: true,
  });
}

test("a whole council of them answers, votes and presents", async () => {
  answering.council = true;
  const log = createMemoryLog();
  const council = createCouncil({ seats: await seated(strangers.map((name, place) => agentOf(name, `agent${place}`))), log });
  const result = await council.ask("Why is the sky blue?", { seed: 1 }).result;
  expect(result).toMatchObject({ outcome: "consensus", degraded: null });
  expect(ofType(log.read(result.runId), "call-settled").map(({ outcome }) => outcome.type)).not.toContain("failed");
});

test("a config names them, the command asks them, and their key is shown nowhere", async () => {
  answering.council = true;
  const agents = strangers.map((name, place) => {
    const baseUrl = name === "@ai-sdk/cohere" ? servers.cohere?.baseUrl : servers.openai?.baseUrl;
    return { id: `agent${place}`, backend: { package: name, model: "m", base_url: baseUrl, api_key: "${THE_KEY}" } };
  });
  const config = place.write("council.json", JSON.stringify({ agents }));
  const around = { home: place.folder, environment: { THE_KEY: "secret-of-a-test", MASSGEN_ENGINES: "" } };
  const shown = await massgen(["--dry-run", "--config", config, "Why?"], around);
  expect(shown.stdout).toContain(`agent0  ai_sdk/m  ${new URL(servers.cohere?.baseUrl ?? "").origin}`);
  const ran = await massgen(["--config", config, "Why?"], around);
  expect(ran).toMatchObject({ code: 0, stdout: "This is the answer of m, worked out step by step and checked twice.\n" });
  expect(ran.stderr).not.toContain("secret-of-a-test");
  const sent = [
    ...(servers.openai?.requests ?? []).map(({ headers }) => headers.authorization),
    ...(servers.cohere?.requests ?? []).map(({ authorization }) => authorization),
  ];
  expect(new Set(sent)).toEqual(new Set(["Bearer secret-of-a-test"]));
});
