import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { backendTypes } from "../src/config/backend-names.ts";
import { loadConfig } from "../src/config/load-config.ts";
import { templates } from "../src/config/shipped-configs.ts";
import { isClaudeCodeThere } from "../src/models/backends/claude-code/find-claude-code.ts";
import type { ServedKind } from "../src/models/engines/served-engines.ts";
import { startFakeGemini, startFakeMessages, startFakeOpenAI, startFakeResponses } from "../src/testing/index.ts";
import { massgen, type Workplace, workplace } from "./cli/massgen.ts";
import { fakeEngines } from "./engines/fake-engines.ts";

/** Of two that are equal nobody would have to choose. */
const answer = (index: number): string => `The sky scatters blue light, says ${index}.`;
const BALLOT = '{"reason":"It is right.","choice":"A"}';
const KEY = "key-of-a-test-0123456789";

let place: Workplace;
beforeAll(() => void (place = workplace()));
afterAll(() => place.remove());

const servers: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(servers.splice(0).map(async (server) => server.close())));

function kept<Server extends { close(): Promise<void> }>(server: Server): Server {
  servers.push(server);
  return server;
}

/** Where a template is run: what its variables say, and what its backends say besides. */
interface Fake {
  readonly environment?: Readonly<Record<string, string>>;
  readonly fields?: string;
}

async function engine(kind: ServedKind): Promise<string> {
  const server = await fakeEngines[kind]({
    models: [{ id: "qwen3-4b", loaded: true }],
    reply: ({ body }, index) => ({ text: "response_format" in body || "format" in body ? BALLOT : answer(index) }),
  });
  return kept(server).origin;
}

/** For templates that sit on whatever engine is there. */
const anyEngine = (kind: ServedKind) => async (): Promise<Fake> => ({ environment: { MASSGEN_ENGINES: await engine(kind) } });

/** For those that name an engine, which listens elsewhere than usual here. */
const itsEngine = (kind: ServedKind) => async (): Promise<Fake> => ({ fields: `base_url: ${await engine(kind)}` });

async function chat(): Promise<string> {
  const server = await startFakeOpenAI({
    reply: ({ body }, index) => ({ text: body.response_format === undefined ? answer(index) : BALLOT }),
    apiKey: KEY,
  });
  return kept(server).baseUrl;
}

async function responses(): Promise<string> {
  const server = await startFakeResponses({
    reply: ({ body }, index) => ({ text: body.text?.format === undefined ? answer(index) : BALLOT }),
    apiKey: KEY,
  });
  return kept(server).baseUrl;
}

async function anthropic(): Promise<Readonly<Record<string, string>>> {
  const server = await startFakeMessages({
    apiKey: KEY,
    reply: ({ body }, index) => {
      const asked = body.tools?.find(({ name }) => name === "StructuredOutput");
      if (asked !== undefined) return { toolUses: [{ name: "StructuredOutput", input: JSON.parse(BALLOT) as object }] };
      const { format } = (body["output_config"] ?? {}) as { readonly format?: unknown };
      return { text: format === undefined ? answer(index) : BALLOT };
    },
  });
  return { ANTHROPIC_BASE_URL: kept(server).origin, ANTHROPIC_API_KEY: KEY };
}

async function gemini(): Promise<string> {
  const server = await startFakeGemini({
    apiKey: KEY,
    reply: ({ body }, index) => ({ text: body.generationConfig?.responseMimeType === undefined ? answer(index) : BALLOT }),
  });
  return kept(server).origin;
}

const fakes: Readonly<Record<string, () => Promise<Fake>>> = {
  research: anyEngine("lmstudio"),
  coding: anyEngine("ollama"),
  creative: anyEngine("llamacpp"),
  travel: anyEngine("vllm"),
  news: anyEngine("sglang"),
  technical: anyEngine("lmstudio"),
  lmstudio: itsEngine("lmstudio"),
  ollama: itsEngine("ollama"),
  llamacpp: itsEngine("llamacpp"),
  vllm: itsEngine("vllm"),
  sglang: itsEngine("sglang"),
  openai: async () => ({ environment: { OPENAI_BASE_URL: await responses(), OPENAI_API_KEY: KEY } }),
  grok: async () => ({ environment: { XAI_BASE_URL: await responses(), XAI_API_KEY: KEY } }),
  claude: async () => ({ environment: await anthropic() }),
  gemini: async () => ({ environment: { GOOGLE_GEMINI_BASE_URL: await gemini(), GEMINI_API_KEY: KEY } }),
  zai: async () => ({ environment: { ZAI_BASE_URL: await chat(), ZAI_API_KEY: KEY } }),
  chatcompletion: async () => ({ environment: { CHAT_BASE_URL: await chat(), CHAT_API_KEY: KEY } }),
  ai_sdk: async () => ({ environment: { GROQ_API_KEY: KEY }, fields: `base_url: ${await chat()}` }),
};

/** Those that nothing is pretended for: models in this process are run in test/real, presets in presets.test.ts. */
const elsewhere = ["claude_code", "embedded"];

test("there is a template for every task and every backend, and each is run", async () => {
  const own = templates().flatMap(({ kind, name }) => (kind === "templates" ? [name] : []));
  expect(own.toSorted()).toEqual([...Object.keys(fakes), ...elsewhere].toSorted());
  const configs = await Promise.all(own.map((name) => loadConfig(shippedTemplate(name), { GROQ_API_KEY: KEY })));
  const used = new Set(configs.flatMap(({ agents }) => agents.map(({ backend }) => backend.type)));
  expect([...used].toSorted()).toEqual([...backendTypes].toSorted());
});

function shippedTemplate(name: string): string {
  return templates().find((template) => template.name === name)?.path ?? "";
}

/** Writes the template as `massgen init` does, with what a test has to add to each backend. */
async function written(name: string, change: (text: string) => string): Promise<{ readonly folder: string; readonly config: string }> {
  const folder = mkdtempSync(join(place.folder, `${name}-`));
  const { code, stderr } = await massgen(["init", "--template", name], {
    home: place.folder,
    folder,
    environment: { MASSGEN_ENGINES: "" },
  });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const config = join(folder, "massgen.yaml");
  writeFileSync(config, change(readFileSync(config, "utf8")));
  return { folder, config };
}

test.each(Object.entries(fakes))("%s comes to an answer on its fake", async (name, startFake) => {
  const { environment = {}, fields } = await startFake();
  const { folder, config } = await written(name, (text) =>
    fields === undefined ? text : text.replaceAll(/( +)type: .+/gu, `$&\n$1${fields}`),
  );
  const { code, stdout, stderr } = await massgen(["--config", config, "--seed", "1", "Why is the sky blue?"], {
    home: place.folder,
    folder,
    environment: { MASSGEN_ENGINES: "", ...environment },
  });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout).toMatch(/^The sky scatters blue light, says \d+\.\n$/u);
  expect(/^Votes: /mu.test(stderr)).toBe(name !== "ai_sdk");
  expect(stderr).not.toMatch(/is out|failed|lost|warning/u);
});

test.skipIf(!isClaudeCodeThere())(
  "claude_code comes to an answer on the real program (skipped where the Claude Agent SDK is not installed)",
  { timeout: 60_000 },
  async () => {
    const { folder, config } = await written("claude_code", (text) => text);
    writeFileSync(config, readFileSync(config, "utf8").replaceAll("cwd: .", `cwd: ${folder}`));
    const { code, stdout, stderr } = await massgen(["--config", config, "--seed", "1", "Why is the sky blue?"], {
      home: place.folder,
      folder,
      environment: { ...(await anthropic()), PATH: process.env["PATH"] ?? "", HOME: place.folder },
    });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/^The sky scatters blue light, says \d+\.\n$/u);
    expect(stderr).toMatch(/^Votes: /mu);
  },
);
