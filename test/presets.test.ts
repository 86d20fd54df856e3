import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { presetNames } from "../src/config/shipped-configs.ts";
import {
  type FakeEngine,
  type FakeEngineOptions,
  type FakeResponses,
  startFakeLlamaCpp,
  startFakeLmStudio,
  startFakeOllama,
  startFakeResponses,
  startFakeSglang,
  startFakeVllm,
} from "../src/testing/index.ts";
import { massgen, type Ran, type Workplace, workplace } from "./cli/massgen.ts";

interface Kind {
  readonly start: (options: FakeEngineOptions) => Promise<FakeEngine>;
  /** Every model of the presets, as this engine calls it; those with one model have one. */
  readonly models: readonly string[];
}

const kinds: Readonly<Record<string, Kind>> = {
  lmstudio: {
    start: startFakeLmStudio,
    models: [
      "qwen/qwen3-4b-2507",
      "qwen/qwen3-8b",
      "meta-llama-3.1-8b-instruct",
      "google/gemma-3-12b",
      "openai/gpt-oss-20b",
      "qwen/qwen3-30b-a3b-2507",
    ],
  },
  ollama: {
    start: startFakeOllama,
    models: ["qwen3:4b-instruct", "qwen3:8b", "llama3.1:8b", "gemma3:12b", "gpt-oss:20b", "qwen3:30b-a3b-instruct-2507-q4_K_M"],
  },
  llamacpp: { start: startFakeLlamaCpp, models: ["Qwen3-4B-Instruct-2507-Q4_K_M.gguf"] },
  vllm: { start: startFakeVllm, models: ["Qwen/Qwen3-8B"] },
  sglang: { start: startFakeSglang, models: ["openai/gpt-oss-20b"] },
};
const presets = presetNames().filter((name) => name !== "offline");

let place: Workplace;
let cloud: FakeResponses;
beforeAll(async () => {
  place = workplace();
  cloud = await startFakeResponses({
    models: ["gpt-5-mini"],
    reply: ({ body }) =>
      body.text?.format === undefined ? { text: "The answer of the cloud." } : { text: '{"reason":"it is right","choice":"A"}' },
  });
});
afterAll(async () => {
  place.remove();
  await cloud.close();
});

const fakes: FakeEngine[] = [];
afterEach(() => Promise.all(fakes.splice(0).map((fake) => fake.close())));

async function run(preset: string, { start, models }: Kind): Promise<Ran> {
  const fake = await start({
    models,
    contextTokens: 16_384,
    reply: ({ body, model }, index) => ({
      text: "response_format" in body || "format" in body ? '{"reason":"It is right.","choice":"A"}' : `Answer ${index} of ${model}.`,
    }),
  });
  fakes.push(fake);
  const environment = { MASSGEN_ENGINES: fake.origin, OPENAI_API_KEY: "sk-canary-0123456789", OPENAI_BASE_URL: cloud.baseUrl };
  return massgen(["--config", preset, "--seed", "1", "Why is the sky blue?"], { home: place.folder, environment });
}

describe.each(Object.entries(kinds))("on %s", (name, kind) => {
  test.each(presets)("%s comes to an answer", async (preset) => {
    const { code, stdout, stderr } = await run(preset, kind);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/Answer \d+ of|The answer of the cloud/u);
    expect(stderr).toMatch(/^Votes: A [123]/mu);
    expect(stderr).not.toMatch(/is out|failed|lost/u);
  });

  test("agents sit on the models that the preset names, or are told what takes their place", async () => {
    const { stderr } = await run("local-48gb", kind);
    const replaced = stderr.match(/\S+ is on no engine of this machine: \S+ at .+ takes its place$/gmu) ?? [];
    expect(replaced).toHaveLength(kind.models.length > 1 ? 0 : name === "sglang" ? 2 : 3);
    const asked = new Set(fakes.flatMap(({ requests }) => requests.map(({ model }) => model)));
    expect(asked.size).toBe(kind.models.length > 1 ? 3 : 1);
  });
});

test("mixed asks the cloud too, with its key; the other presets do not", async () => {
  const ollama = kinds["ollama"];
  if (ollama === undefined) throw new Error("no such kind");
  const before = cloud.requests.length;
  await run("local-8gb", ollama);
  expect(cloud.requests.length).toBe(before);
  await run("mixed", ollama);
  expect(cloud.requests.slice(before).map(({ headers }) => headers.authorization)).toContain("Bearer sk-canary-0123456789");
});

test("offline looks at no engine and asks for the file it names", async () => {
  const { code, stdout, stderr } = await massgen(["--dry-run", "--config", "offline", "Why?"], {
    home: place.folder,
    environment: { MASSGEN_ENGINES: "" },
  });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout).toMatch(/careful .*embedded\/SmolLM2-1\.7B-Instruct/u);
  expect(stderr.match(/To be fetched first: .*SmolLM2-1\.7B-Instruct \(1\.1 GB\)/gu)).toHaveLength(1);
});

test("--dry-run shows on which engine the agents of a preset would sit, and what takes a model's place", async () => {
  const fake = await startFakeVllm({ models: ["Qwen/Qwen3-8B"] });
  fakes.push(fake);
  const { stdout, stderr } = await massgen(["--dry-run", "--config", "local-16gb", "Why?"], {
    home: place.folder,
    environment: { MASSGEN_ENGINES: fake.origin },
  });
  expect(stdout.match(/vllm\/Qwen\/Qwen3-8B {2}http:/gu)).toHaveLength(3);
  expect(stderr).toContain("llama3.1-8b is on no engine of this machine: Qwen/Qwen3-8B at vLLM takes its place");
  expect(JSON.stringify(fake.requests)).not.toContain("Why?");
});
