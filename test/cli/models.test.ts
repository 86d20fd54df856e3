import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { FakeEngine } from "../../src/testing/fake-engines/fake-engine.ts";
import { startFakeLlamaCpp } from "../../src/testing/fake-engines/llamacpp/start-fake-llama-cpp.ts";
import { startFakeLmStudio } from "../../src/testing/fake-engines/lmstudio/start-fake-lm-studio.ts";
import { startFakeVllm } from "../../src/testing/fake-engines/vllm/start-fake-vllm.ts";
import { tinyGguf } from "../engines/tiny-gguf.ts";
import { massgen, type Ran, workplace } from "./massgen.ts";

const place = workplace();
const home = join(place.folder, "home");
afterAll(() => place.remove());

const jsonOf = ({ stdout }: Ran): readonly Readonly<Record<string, unknown>>[] =>
  stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("models list: the catalogue with sizes, and what is here", async () => {
  mkdirSync(join(home, "cache", "models"), { recursive: true });
  place.write(join("home", "cache", "models", "My-Own.gguf"), "x".repeat(2_000_000));
  const { code, stdout } = await massgen(["models", "list"], { home, environment: { MASSGEN_ENGINES: "" } });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^SmolLM2-135M-Instruct +98 MB +Apache-2\.0 +massgen models pull SmolLM2-135M-Instruct/mu);
  expect(stdout).toMatch(/^My-Own\.gguf +2 MB +here, but it cannot be read as a model$/mu);
  const models = jsonOf(await massgen(["models", "list", "--json"], { home, environment: { MASSGEN_ENGINES: "" } }));
  expect(models.at(-1)).toEqual({ name: "My-Own.gguf", bytes: 2_000_000, path: join(home, "cache", "models", "My-Own.gguf") });
  expect(models.find(({ name }) => name === "SmolLM2-135M-Instruct")).toMatchObject({ bytes: 98_362_432, license: "Apache-2.0" });
});

const GB = 1_000_000_000;
const CANARY = "canary-90c1d7e4ab52";
const closers: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
});

async function lmStudio(): Promise<FakeEngine> {
  const server = await startFakeLmStudio({
    loadMs: 60,
    models: [
      { id: "qwen/qwen3-4b", sizeBytes: 2.5 * GB, contextTrained: 262_144, contextTokens: 8_192, quantization: "Q4_K_M", loaded: true },
      { id: "gemma-3", sizeBytes: GB, contextTrained: 131_072, vision: true },
      { id: "far-too-large", sizeBytes: 900_000 * GB },
    ],
    catalog: [{ id: "google/new", sizeBytes: GB }],
  });
  closers.push(() => server.close());
  return server;
}

test("a model file that is here: what its header says, once, and the arithmetic of its context", async () => {
  const other = join(place.folder, "other");
  mkdirSync(join(other, "cache", "models"), { recursive: true });
  writeFileSync(join(other, "cache", "models", "Tiny.gguf"), tinyGguf());
  const json = jsonOf(await massgen(["models", "--engine", "embedded", "--json"], { home: other }));
  expect(json.filter(({ name }) => name === "Tiny.gguf")).toEqual([
    expect.objectContaining({ engine: "embedded", path: expect.any(String) as string }),
  ]);
  const list = await massgen(["models", "--engine", "embedded"], { home: other });
  expect(list.stdout).toMatch(/^The embedded engine\nMODEL .*\nTiny /u);
  const load = await massgen(["models", "load", "Tiny", "--engine", "embedded"], { home: other });
  expect(load).toMatchObject({ code: 1, stderr: expect.stringContaining("cannot be told to load") as string });
});

test("models --engine: one engine with all it tells, for people and for scripts", async () => {
  const { origin } = await lmStudio();
  const { code, stdout } = await massgen(["models", "--engine", origin], { home });
  expect(code).toBe(0);
  expect(stdout).toContain(`LM Studio at ${origin}\nMODEL `);
  expect(stdout).toMatch(/^qwen\/qwen3-4b +2\.5 GB +Q4_K_M +8,192 of 262,144 +.*in memory$/mu);
  expect(stdout).toMatch(/^gemma-3 .* up to 131,072 .*vision/mu);
  expect(stdout).toMatch(/^far-too-large .*more than all memory here$/mu);
  expect(stdout.split("\n").filter((line) => line.length > 100)).toEqual([]);
  const [first, , last] = jsonOf(await massgen(["models", "--engine", origin, "--json"], { home }));
  expect(first).toMatchObject({ name: "qwen/qwen3-4b", engine: "lmstudio", origin, bytes: 2.5 * GB, contextLoaded: 8_192, loaded: true });
  expect(last).toMatchObject({ name: "far-too-large", fits: false });
});

test("a model that two engines have: both are named, and --engine chooses", async () => {
  const [one, other] = [await lmStudio(), await startFakeLlamaCpp({ models: ["gemma-3"] })];
  closers.push(() => other.close());
  const environment = { MASSGEN_ENGINES: `${one.origin},${other.origin}` };
  const unclear = await massgen(["models", "show", "gemma-3"], { home, environment });
  expect(unclear.code).toBe(1);
  expect(unclear.stderr).toMatch(/Several engines have gemma-3: LM Studio at .* and llama\.cpp at /u);
  expect(unclear.stderr).toContain("--engine lmstudio or --engine llamacpp");
  const clear = await massgen(["models", "show", "gemma-3", "--engine", "llamacpp"], { home, environment });
  expect(clear.stdout).toContain(`on llama.cpp at ${other.origin}`);
});

test("models show: each value with its source, and the arithmetic", async () => {
  const { origin } = await lmStudio();
  const { stdout } = await massgen(["models", "show", "gemma-3", "--engine", origin], { home });
  expect(stdout).toMatch(/context, trained +131,072 tokens +max_context_length of \/api\/v1\/models/u);
  expect(stdout).toMatch(/Memory, by arithmetic: 1\.0 GB for its weights/u);
  const [json] = jsonOf(await massgen(["models", "show", "gemma-3", "--engine", origin, "--json"], { home }));
  expect(json).toMatchObject({
    id: "gemma-3",
    sizeBytes: { value: GB, source: expect.any(String) as string },
    memory: { weightsBytes: GB },
  });
});

test("models load, ps and unload, with progress on standard error", async () => {
  const { origin } = await lmStudio();
  const loaded = await massgen(["models", "load", "gemma-3", "--context", "4096", "--engine", origin], { home });
  expect(loaded).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^gemma-3 is in the memory of LM Studio.*4,096 tokens/u) as string,
  });
  expect(loaded.stderr).toContain("Loading gemma-3");
  const ps = jsonOf(await massgen(["models", "ps", "--engine", origin, "--json"], { home }));
  expect(ps.map(({ name, contextLoaded }) => [name, contextLoaded])).toEqual([
    ["qwen/qwen3-4b", 8_192],
    ["gemma-3", 4_096],
  ]);
  const unloaded = await massgen(["models", "unload", "gemma-3", "--engine", origin], { home });
  expect(unloaded).toMatchObject({ code: 0, stdout: expect.stringContaining("is no longer in memory") as string });
  expect((await massgen(["models", "ps", "--engine", origin], { home })).stdout).not.toContain("gemma-3");
});

test("what cannot fit into any memory here is refused with both numbers, and nothing is loaded", async () => {
  const { origin, loads } = await lmStudio();
  const { code, stdout, stderr } = await massgen(["models", "load", "far-too-large", "--engine", origin], { home });
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/far-too-large takes 900000\.0 GB at least, and this machine has [\d.]+ GB: it cannot be loaded/u);
  expect(loads).toEqual([]);
});

test("a model nobody has, and an engine that cannot be told", async () => {
  const { origin } = await lmStudio();
  const unknown = await massgen(["models", "show", "gema-3", "--engine", origin], { home });
  expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining("Did you mean gemma-3?") as string });
  const vllm = await startFakeVllm({ models: ["served"] });
  closers.push(() => vllm.close());
  const fixed = await massgen(["models", "unload", "served", "--engine", vllm.origin], { home });
  expect(fixed).toMatchObject({ code: 1, stderr: expect.stringContaining("cannot be told to load or unload it") as string });
  const ttl = await startFakeLlamaCpp({ models: ["a", "b"] });
  closers.push(() => ttl.close());
  const refused = await massgen(["models", "load", "a", "--ttl", "5m", "--engine", ttl.origin], { home });
  expect(refused).toMatchObject({ code: 64, stderr: expect.stringContaining("Leave --ttl out.") as string });
});

test("models pull --engine: the engine fetches it, its size is said first", async () => {
  const { origin } = await lmStudio();
  const { code, stdout, stderr } = await massgen(["models", "pull", "google/new", "--engine", origin], { home });
  expect([code, stdout]).toEqual([0, "google/new\n"]);
  expect(stderr).toContain("Downloading google/new, 1.0 GB, by LM Studio");
});

test("a token that is wrong, and no key in anything that is shown", async () => {
  const server = await startFakeLmStudio({ models: ["one"], apiKey: "another" });
  closers.push(() => server.close());
  const environment = { LM_API_TOKEN: CANARY, OPENAI_API_KEY: CANARY };
  const ran = await massgen(["models", "--engine", server.origin], { home, environment });
  expect(ran).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(server.origin) as string });
  expect(ran.stderr).not.toContain(CANARY);
});

test.each([
  ["an unknown name", "SmolLM9", /There is no model called SmolLM9/u],
  ["a file that is no model", place.write("not-a-model.gguf", "hello"), /not-a-model\.gguf is not a model file in GGUF format/u],
  ["an address of something else", "https://example.com/page.html", /does not end in a GGUF file/u],
])("models pull: %s", async (_name, source, sentence) => {
  const { code, stdout, stderr } = await massgen(["models", "pull", source], { home });
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(sentence);
});

test("a run that is not there", async () => {
  expect(await massgen(["show", "last"], { home })).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("There are no runs yet.") as string,
  });
  expect(await massgen(["resume", "2030"], { home })).toMatchObject({ code: 1, stdout: "" });
});
