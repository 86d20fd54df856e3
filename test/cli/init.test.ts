import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config/load-config.ts";
import { templates } from "../../src/config/shipped-configs.ts";
import { type FakeEngine, startFakeOllama } from "../../src/testing/index.ts";
import { homeFolders } from "../../src/log/home.ts";
import { tinyGguf } from "../engines/tiny-gguf.ts";
import { cloudsAt, type Recorder, startRecorder } from "../recorder.ts";
import { massgen, type Ran, start, workplace } from "./massgen.ts";

const place = workplace();
let engine: FakeEngine;
let cloud: Recorder;
beforeAll(async () => {
  engine = await startFakeOllama({
    models: [
      { id: "qwen3:8b", loaded: true },
      { id: "gemma3:12b", loaded: true },
    ],
  });
  cloud = await startRecorder(({ headers }) => [401, `the key ${String(headers.authorization)} is wrong`]);
});
afterAll(async () => {
  await Promise.all([engine.close(), cloud.close()]);
  place.remove();
});

interface Tried extends Ran {
  readonly folder: string;
  readonly path: string;
}

/** In an empty folder, with one engine there. */
async function init(argv: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Tried> {
  const folder = mkdtempSync(join(place.folder, "project-"));
  const ran = await massgen(["init", ...argv], {
    home: join(place.folder, "home"),
    folder,
    environment: { MASSGEN_ENGINES: engine.origin, ...environment },
  });
  return { ...ran, folder, path: join(folder, "massgen.yaml") };
}

async function backendsIn({ path }: Tried, environment: Readonly<Record<string, string>> = {}) {
  return (await loadConfig(path, environment)).agents.map(({ backend }) => backend);
}

describe("without a terminal", () => {
  test("proposes a council on what is here, says what it found and what is next", async () => {
    const tried = await init([]);
    expect(tried).toMatchObject({ code: 0, stdout: "massgen.yaml\n" });
    expect(tried.stderr.split("\n")).toEqual([
      expect.stringMatching(/^agent1, agent3: http:.* is ready, version .*; its model qwen3:8b is in memory\.$/u),
      expect.stringMatching(/^agent2: http:.* its model gemma3:12b is in memory\.$/u),
      "Written: massgen.yaml.",
      'Next: massgen "Why is the sky blue?"',
      "",
    ]);
    expect(await backendsIn(tried)).toMatchObject([
      { model: "qwen3:8b", temperature: 0.4 },
      { model: "gemma3:12b" },
      { model: "qwen3:8b" },
    ]);
    expect(engine.requests).toEqual([]);
  });

  test("without an engine takes the one inside massgen, and no cloud whose key happens to be set", async () => {
    const tried = await init([], { MASSGEN_ENGINES: "", ...cloudsAt(cloud.origin) });
    expect(tried.code).toBe(0);
    expect((await backendsIn(tried)).map(({ type }) => type)).toEqual(["embedded", "embedded", "embedded"]);
    expect(cloud.requests).toEqual([]);
  });

  test("a model file that is here already is taken before one that would have to be fetched", async () => {
    const home = mkdtempSync(join(place.folder, "home-"));
    const { models } = homeFolders({ MASSGEN_HOME: home }, process.platform, home);
    mkdirSync(models, { recursive: true });
    writeFileSync(join(models, "Mine-4B.gguf"), tinyGguf());
    writeFileSync(join(models, "SmolLM2-360M-Instruct.Q8_0.gguf"), tinyGguf({ "general.architecture": "llama" }, 64));
    const tried = await init([], { MASSGEN_ENGINES: "", MASSGEN_HOME: home });
    expect((await backendsIn(tried)).map(({ model }) => model)).toEqual(Array.from({ length: 3 }, () => "SmolLM2-360M-Instruct.Q8_0"));
  });

  test("--json tells what was written and found in one line", async () => {
    const { stdout, path } = await init(["--json", "--agents", "2"]);
    expect(JSON.parse(stdout)).toEqual({
      config: path,
      agents: [
        { id: "agent1", type: "ollama", model: "qwen3:8b" },
        { id: "agent2", type: "ollama", model: "gemma3:12b" },
      ],
      checks: [expect.objectContaining({ agents: ["agent1"], status: "ok" }), expect.objectContaining({ agents: ["agent2"] })],
    });
  });
});

describe("flags", () => {
  test.each([
    [
      ["--models", "qwen3:8b,gemma3:12b"],
      [{ type: "ollama", model: "qwen3:8b" }, { model: "gemma3:12b" }],
    ],
    [
      ["--model", "qwen3:8b", "--agents", "2"],
      [{ type: "ollama", model: "qwen3:8b" }, { model: "qwen3:8b" }],
    ],
    [
      ["--agents", "openai:gpt-5-mini,claude:claude-haiku-4-5"],
      [{ type: "openai", model: "gpt-5-mini" }, { type: "claude" }],
    ],
    [["--agents", "1"], [{ type: "ollama", model: "qwen3:8b" }]],
    [["--agents", "5"], Array.from({ length: 5 }, () => ({ type: "ollama" }))],
    [["--backend", "gemini"], [{ type: "gemini" }]],
    [
      ["--backend", "chatcompletion", "--base-url", "http://127.0.0.1:9", "--model", "m"],
      [{ type: "chatcompletion", model: "m", base_url: "http://127.0.0.1:9/v1" }],
    ],
  ])("%j", async (argv, expected) => {
    const tried = await init(argv);
    expect(tried).toMatchObject({ code: 0 });
    const backends = await backendsIn(tried);
    expect(backends).toMatchObject(expected);
    expect(backends.map(({ seed }) => seed)).toEqual(expected.map(() => undefined));
  });

  test("--system-message is everybody's persona", async () => {
    const { path } = await init(["--system-message", "Be brief."]);
    const { agents } = await loadConfig(path, {});
    expect(agents.map(({ system_message: persona }) => persona)).toEqual(["Be brief.", "Be brief.", "Be brief."]);
  });

  test("--cloud adds what there are keys for, which are checked without spending and stay out of everything", async () => {
    const environment = { OPENAI_API_KEY: "sk-openai-0123456789", OPENAI_BASE_URL: `${cloud.origin}/v1` };
    const tried = await init(["--cloud", "--agents", "1"], environment);
    expect(tried.code).toBe(0);
    expect(tried.stderr).toMatch(/^agent2: .* does not accept the API key \(401\)/mu);
    expect(await backendsIn(tried)).toMatchObject([{ type: "ollama" }, { type: "openai", model: "gpt-5-mini" }]);
    expect(`${tried.stdout}${tried.stderr}${readFileSync(tried.path, "utf8")}`).not.toContain("0123456789");
    expect(readdirSync(tried.folder)).toEqual(["massgen.yaml"]);
    expect(cloud.requests).toEqual([]);
  });

  test("--cloud without a key is told, and nothing is written", async () => {
    const { code, stderr, folder } = await init(["--cloud"]);
    expect([code, readdirSync(folder)]).toEqual([1, []]);
    expect(stderr).toContain("No key of a cloud is set.\n  Set one, such as OPENAI_API_KEY");
  });
});

describe("--template", () => {
  test.each(templates().map(({ name }) => name))("%s is written as it is, and loads", async (name) => {
    const environment = { GROQ_API_KEY: "gsk-0123456789" };
    const tried = await init(["--template", name], { MASSGEN_ENGINES: "", ...cloudsAt("http://127.0.0.1:9"), ...environment });
    expect(tried).toMatchObject({ code: 0, stdout: "massgen.yaml\n" });
    const { agents, warnings } = await loadConfig(tried.path, environment);
    expect(warnings).toEqual([]);
    expect(agents.length).toBeGreaterThan(0);
  });

  test("with another flag, or of a name that nobody knows", async () => {
    const [both, unknown, far] = await Promise.all([
      init(["--template", "openai", "--model", "gpt-5"]),
      init(["--template", "reserch"]),
      init(["--template", "something-else"]),
    ]);
    expect([both.code, unknown.code, far.code]).toEqual([64, 64, 64]);
    expect(both.stderr).toContain("--template names its agents itself: --model means nothing beside it.");
    expect(unknown.stderr).toContain('There is no template "reserch".\n  Did you mean research?');
    expect(far.stderr).toMatch(/There is coding, creative, .* and offline\./u);
    for (const { folder } of [both, unknown, far]) expect(readdirSync(folder)).toEqual([]);
  });

  test("hyphens are underscores; a variable that is not set is named", async () => {
    const { code, stderr } = await init(["--template", "AI-SDK"]);
    expect(code).toBe(0);
    expect(stderr).toContain("The variable GROQ_API_KEY is not set; a run needs it.");
  });
});

describe("the file", () => {
  test("is another one by name, and then named in what is next; --force replaces one", async () => {
    const { folder } = await init(["my council.yml", "--template", "travel"]);
    const again = (...argv: readonly string[]) =>
      massgen(["init", ...argv], { home: place.folder, folder, environment: { MASSGEN_ENGINES: "" } });
    const refused = await again("my council.yml", "--template", "news");
    expect([refused.code, refused.stdout]).toEqual([1, ""]);
    expect(refused.stderr).toContain(`${join(folder, "my council.yml")} is there already, and nothing was changed.\n  --force replaces it`);
    const forced = await again("my council.yml", "--template", "news", "--force");
    expect(forced).toMatchObject({ code: 0, stdout: "my council.yml\n" });
    expect(forced.stderr).toContain(`Next: massgen --config 'my council.yml' "Why`);
    expect(readFileSync(join(folder, "my council.yml"), "utf8")).toMatch(/^# News/u);
  });

  test.each([
    [["council.json"], 64, "A config is written as YAML, and council.json does not end in .yaml.\n  massgen init council.yaml"],
    [["./"], 64, "./ does not end in .yaml.\n  massgen init ./massgen.yaml"],
    [["council"], 64, "council does not end in .yaml.\n  massgen init council.yaml"],
    [["nowhere/massgen.yaml"], 1, "cannot be written: there is no folder"],
    [["--seed", "1"], 64, '--seed means nothing to "massgen init".'],
    [["--models", "qwen3:8b", "--model", "x"], 64, "exclude"],
    [["--model", "nobody-has-this"], 1, 'No server on this machine has the model "nobody-has-this".'],
  ])("%j", async (argv, code, message) => {
    const tried = await init(argv);
    expect({ code: tried.code, stdout: tried.stdout }).toEqual({ code, stdout: "" });
    expect(tried.stderr).toContain(message);
    expect(tried.stderr).not.toMatch(/^\s+at /mu);
    expect(readdirSync(tried.folder)).toEqual([]);
  });

  test.skipIf(process.getuid?.() === 0)("a folder that takes nothing (skipped for root, whom nothing keeps out)", async () => {
    const folder = mkdtempSync(join(place.folder, "closed-"));
    chmodSync(folder, 0o500);
    const { code, stderr } = await massgen(["init"], { home: place.folder, folder });
    expect(code).toBe(1);
    expect(stderr).toContain("cannot be written: this user may not write there.");
  });

  test("an interrupt while servers are asked leaves none", async () => {
    const folder = mkdtempSync(join(place.folder, "interrupted-"));
    const asked = Promise.withResolvers<void>();
    const silent = createServer(() => asked.resolve()).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/v1`;
    const argv = ["init", "--backend", "chatcompletion", "--base-url", address, "--model", "m"];
    const { result, interrupt } = start(argv, { home: place.folder, folder });
    await asked.promise;
    interrupt();
    const { code, stderr } = await result;
    silent.closeAllConnections();
    silent.close();
    expect([code, stderr, readdirSync(folder)]).toEqual([4, "Nothing was written.\n", []]);
  });
});

describe("the first run", () => {
  /** Nobody answers there; a dry run asks nobody. */
  const far = ["--backend", "chatcompletion", "--base-url", "https://massgen.invalid/v1", "--model", "m"];

  test("takes what was written in its folder without asking again, also where that is a cloud", async () => {
    const { folder } = await init(far);
    const surroundings = { home: join(place.folder, "home"), folder, environment: { MASSGEN_ENGINES: "" } };
    const run = await massgen(["--dry-run", "Why?"], surroundings);
    expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining("massgen.invalid") as string });
    writeFileSync(
      join(folder, "massgen.yaml"),
      readFileSync(join(folder, "massgen.yaml"), "utf8").replace("massgen.invalid", "other.invalid"),
    );
    const changed = await massgen(["--dry-run", "Why?"], surroundings);
    expect(changed.code).toBe(1);
    expect(changed.stderr).toContain("asks other.invalid, and nobody has agreed to that");
  });

  test("of a file elsewhere agrees to nothing", async () => {
    const { folder } = await init(["other.yaml", ...far]);
    writeFileSync(join(folder, "massgen.yaml"), readFileSync(join(folder, "other.yaml"), "utf8"));
    const { code } = await massgen(["--dry-run", "Why?"], {
      home: join(place.folder, "home"),
      folder,
      environment: { MASSGEN_ENGINES: "" },
    });
    expect(code).toBe(1);
  });
});

test("keys in .env of the folder count", async () => {
  const folder = mkdtempSync(join(place.folder, "env-"));
  mkdirSync(join(folder, "sub"));
  writeFileSync(join(folder, "sub", ".env"), `OPENAI_API_KEY=sk-of-the-folder-0123\n`);
  const environment = { MASSGEN_ENGINES: "", OPENAI_BASE_URL: `${cloud.origin}/v1` };
  const { code, stderr } = await massgen(["init", "sub/x.yaml", "--cloud"], { home: place.folder, folder, environment });
  expect(code).toBe(0);
  expect(stderr).toMatch(/does not accept the API key/u);
  expect(stderr).not.toContain("0123");
});
