import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { type FakeEngine, type FakeResponses, startFakeLmStudio, startFakeResponses } from "../../src/testing/index.ts";
import { workplace } from "./massgen.ts";
import { screenOf } from "./screen.ts";
import { keys, openTerminal, type Terminal } from "./terminal.ts";

// A process that is started here loads its modules from source, which takes a while where several are.
vi.setConfig({ testTimeout: 30_000 });

const RIGHT_KEY = "sk-right-0123456789abcdef";
const WRONG_KEY = "sk-wrong-0123456789abcdef";
const [START, MODELS, CLOUDS, KEY, COUNT, WRITE] = [
  "Where should it think?",
  "Which models?",
  "Which clouds?",
  "OPENAI_API_KEY of OpenAI",
  "How many agents?",
  "Write massgen.yaml",
] as const;

const place = workplace();
let engine: FakeEngine;
let cloud: FakeResponses;
let terminals: Terminal[] = [];

beforeAll(async () => {
  engine = await startFakeLmStudio({
    models: [
      { id: "qwen/qwen3-4b", loaded: true },
      { id: "google/gemma-3-4b", loaded: true },
    ],
  });
  cloud = await startFakeResponses({
    models: ["gpt-5-mini"],
    apiKey: RIGHT_KEY,
    reply: ({ body }) =>
      body.text?.format === undefined ? { text: "The cloud says so." } : { text: '{"reason":"It is right.","choice":"A"}' },
  });
});
afterEach(() => {
  for (const terminal of terminals) terminal.kill("SIGKILL");
  terminals = [];
});
afterAll(async () => {
  await Promise.all([engine.close(), cloud.close()]);
  place.remove();
});

/** An empty folder, and the command in it. */
function folderOf(more: Readonly<Record<string, string>> = {}): {
  readonly folder: string;
  readonly open: (argv: readonly string[], engines?: string) => Terminal;
} {
  const folder = mkdtempSync(join(place.folder, "project-"));
  const environment = { MASSGEN_HOME: join(place.folder, "home"), OPENAI_BASE_URL: cloud.baseUrl, ...more };
  return {
    folder,
    open(argv, engines = engine.origin) {
      const terminal = openTerminal(argv, { ...environment, MASSGEN_ENGINES: engines }, folder);
      terminals.push(terminal);
      return terminal;
    },
  };
}

/** Answers questions in order. */
async function answer(terminal: Terminal, ...answers: readonly (readonly [question: string, typed: string])[]): Promise<void> {
  for (const [question, typed] of answers) {
    // A prompt listens once its last line is there.
    await terminal.until(question);
    await terminal.until("└");
    terminal.type(typed);
  }
}

const { enter, down, space, escape, ctrlC, ctrlD } = keys;
const read = (folder: string): unknown => parse(readFileSync(join(folder, "massgen.yaml"), "utf8"));

test("from an empty folder to a first answer is one screen", async () => {
  const { folder, open } = folderOf();
  const terminal = open(["init"]);
  await answer(terminal, [START, enter], [MODELS, enter], [COUNT, enter], [WRITE, enter]);
  await terminal.until('Next: massgen "Why is the sky blue?"');
  expect(await terminal.exit).toBe(0);
  expect(read(folder)).toMatchObject({
    agents: [
      { id: "agent1", backend: { type: "lmstudio", model: "qwen/qwen3-4b", base_url: engine.baseUrl } },
      { id: "agent2", backend: { model: "google/gemma-3-4b" } },
      { id: "agent3", backend: { model: "qwen/qwen3-4b" } },
    ],
  });
  const asking = open(["Why is the sky blue?"]);
  expect(await asking.exit).toBe(0);
  const lines = screenOf(`${terminal.shown()}${asking.shown()}`, 100);
  expect(lines.join("\n")).toContain("This is the answer of");
  expect(lines.length).toBeLessThanOrEqual(48);
});

describe("back", () => {
  test("goes to the question before, with what was said there; Enter goes on", async () => {
    const { folder, open } = folderOf();
    const terminal = open(["init"]);
    await answer(terminal, [START, enter], [MODELS, `${space}${enter}`], [COUNT, escape], [MODELS, escape], [START, enter]);
    await answer(terminal, [MODELS, enter], [COUNT, `${down}${enter}`], [WRITE, `${down}${enter}`], [COUNT, escape], [MODELS, enter]);
    await answer(terminal, [COUNT, enter], [WRITE, enter]);
    expect(await terminal.exit).toBe(0);
    const { agents } = read(folder) as { readonly agents: readonly { readonly backend: { readonly model: string } }[] };
    expect(agents.map(({ backend }) => backend.model)).toEqual(Array.from({ length: 4 }, () => "google/gemma-3-4b"));
  });

  test("at the first question asks it again", async () => {
    const { open } = folderOf();
    const terminal = open(["init"]);
    await answer(terminal, [START, escape], [START, ctrlC]);
    expect(await terminal.exit).toBe(4);
  });

  test("from a key goes to the clouds, and one that was left out is not written", async () => {
    const { folder, open } = folderOf();
    const terminal = open(["init"]);
    await answer(terminal, [START, `${down}${enter}`], [CLOUDS, `${space}${enter}`], [KEY, `${RIGHT_KEY}${enter}`], [COUNT, escape]);
    await answer(terminal, [CLOUDS, escape], [START, `${keys.up}${enter}`], [MODELS, enter], [COUNT, enter], [WRITE, enter]);
    expect(await terminal.exit).toBe(0);
    expect(readdirSync(folder)).toEqual(["massgen.yaml"]);
  });
});

test("a wrong key is asked for again, a right one is kept for this user alone and never shown", async () => {
  const { folder, open } = folderOf();
  execFileSync("git", ["init", "--quiet", folder]);
  writeFileSync(join(folder, ".env"), "# mine\nOTHER=1\n", { mode: 0o644 });
  const terminal = open(["init"]);
  await answer(terminal, [START, `${down}${enter}`], [CLOUDS, `${space}${enter}`], [KEY, `${WRONG_KEY}${enter}`]);
  await terminal.until(/does not accept the API key[^]*Another one\?/u);
  expect(readdirSync(folder)).toEqual([".env", ".git"]);
  await answer(terminal, [KEY, `${RIGHT_KEY}${enter}`], [COUNT, enter]);
  await terminal.until("its model gpt-5-mini is there");
  expect(readFileSync(join(folder, ".env"), "utf8")).not.toContain("OPENAI");
  await answer(terminal, [`${WRITE}, and .env with OPENAI_API_KEY?`, enter]);
  expect(await terminal.exit).toBe(0);
  expect(terminal.shown()).toContain("Written: massgen.yaml, and .env beside it with OPENAI_API_KEY.");
  expect(terminal.shown()).toContain("Git does not ignore .env here: add it to .gitignore");
  expect(terminal.shown()).not.toMatch(/0123456789abcdef/u);
  expect(readFileSync(join(folder, ".env"), "utf8")).toBe(`# mine\nOTHER=1\nOPENAI_API_KEY=${RIGHT_KEY}\n`);
  expect(statSync(join(folder, ".env")).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(folder, "massgen.yaml"), "utf8")).not.toContain("sk-");
  const asking = open(["Why?"]);
  await asking.until("The cloud says so.");
  expect(await asking.exit).toBe(0);
});

test("a key that cannot be checked is taken all the same, and that is said", async () => {
  const { folder, open } = folderOf({ OPENAI_BASE_URL: "http://127.0.0.1:9/v1" });
  const terminal = open(["init"]);
  await answer(terminal, [START, `${down}${down}${enter}`], [MODELS, enter], [CLOUDS, `${space}${enter}`], [KEY, `${RIGHT_KEY}${enter}`]);
  await terminal.until("Whether it is right could not be found out");
  await answer(terminal, [COUNT, enter], [WRITE, enter]);
  expect(await terminal.exit).toBe(0);
  expect(read(folder)).toMatchObject({ agents: [{}, {}, { backend: { type: "openai" } }] });
  expect(readFileSync(join(folder, ".env"), "utf8")).toBe(`OPENAI_API_KEY=${RIGHT_KEY}\n`);
});

test("a key can be set later", async () => {
  const { folder, open } = folderOf();
  const terminal = open(["init"]);
  await answer(
    terminal,
    [START, `${down}${enter}`],
    [CLOUDS, `${space}${enter}`],
    [KEY, enter],
    [COUNT, escape],
    [KEY, enter],
    [COUNT, enter],
  );
  await answer(terminal, [WRITE, enter]);
  expect(await terminal.exit).toBe(0);
  expect(readdirSync(folder)).toEqual(["massgen.yaml"]);
});

test("without an engine the one inside massgen is proposed, with a model to be fetched", async () => {
  const { folder, open } = folderOf();
  const terminal = open(["init"], "");
  await answer(terminal, [START, enter], ["Which one shall massgen run by itself?", enter], [COUNT, enter]);
  await terminal.until(/Your council:[^]*(SmolLM2-135M-Instruct|embedded)/u);
  await answer(terminal, [WRITE, enter]);
  expect(await terminal.exit).toBe(0);
  expect(read(folder)).toMatchObject({
    agents: [{ backend: { type: "embedded", model: "SmolLM2-135M-Instruct", max_tokens: 320 } }, {}, {}],
  });
});

test("a template needs nothing else; back asks for another", async () => {
  const { folder, open } = folderOf();
  const terminal = open(["init"]);
  await answer(terminal, [START, `${keys.up}${enter}`], ["Which one?", enter], [WRITE, escape], ["Which one?", escape]);
  await answer(terminal, [START, enter], ["Which one?", `${down}${enter}`], [WRITE, enter]);
  expect(await terminal.exit).toBe(0);
  expect(readFileSync(join(folder, "massgen.yaml"), "utf8")).toMatch(/^# Technical questions/u);
});

describe("Ctrl-C leaves no file", () => {
  const steps = [
    [START, enter],
    [MODELS, enter],
    [COUNT, enter],
    [WRITE, enter],
  ] as const;
  const cloudSteps = [
    [START, `${down}${enter}`],
    [CLOUDS, `${space}${enter}`],
    [KEY, `${RIGHT_KEY}${enter}`],
    [COUNT, enter],
    [`${WRITE}, and .env`, enter],
  ] as const;

  test.each([
    ...steps.map(([question], at) => ({ question, before: steps.slice(0, at) })),
    ...cloudSteps.slice(1).map(([question], at) => ({ question, before: cloudSteps.slice(0, at + 1) })),
  ])("at $question", async ({ question, before }) => {
    const { folder, open } = folderOf();
    const terminal = open(["init"]);
    await answer(terminal, ...before, [question, ctrlC]);
    await terminal.until("Nothing was written.");
    expect(await terminal.exit).toBe(4);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("nor does Ctrl-D, nor a polite request to end", async () => {
    const [one, other] = [folderOf(), folderOf()];
    const [first, second] = [one.open(["init"]), other.open(["init"])];
    await Promise.all([answer(first, [START, enter], [MODELS, ctrlD]), answer(second, [START, enter], [MODELS, ""])]);
    second.kill("SIGTERM");
    expect(await Promise.all([first.exit, second.exit])).toEqual([4, 4]);
    for (const { folder } of [one, other]) expect(readdirSync(folder)).toEqual([]);
  });
});

test("a file that is there already is said before anything is asked", async () => {
  const { folder, open } = folderOf();
  writeFileSync(join(folder, "massgen.yaml"), "agents: []\n");
  const terminal = open(["init"]);
  expect(await terminal.exit).toBe(1);
  expect(terminal.shown()).toContain("is there already, and nothing was changed.");
  expect(terminal.shown()).not.toContain(START);
  expect(readFileSync(join(folder, "massgen.yaml"), "utf8")).toBe("agents: []\n");
});
