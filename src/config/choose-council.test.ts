import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tinyGguf } from "../../test/engines/tiny-gguf.ts";
import type { Place } from "../models/engines/discover.ts";
import type { Engine, EngineModel } from "../models/engines/engine.ts";
import { defaultAddress, type ServedKind } from "../models/engines/served-engines.ts";
import { answeredBadly } from "../models/http/ask-server.ts";
import { quietSurroundings } from "../../test/quiet-surroundings.ts";
import { chooseCouncil } from "./choose-council.ts";
import type { Missing, Surroundings } from "./council.ts";

const signal = new AbortController().signal;
const engine = { entry: "file:///engine", version: "3", source: "package" } as const;
const GIB = 2 ** 30;

/** What is served where; an engine whose list is an error answers but does not tell. */
type Served = { readonly [Kind in ServedKind]?: readonly EngineModel[] | Error };

const said = <Value>(value: Value): { readonly value: Value; readonly source: string } => ({ value, source: "a test" });
const model = (id: string, gib?: number, loaded = true): EngineModel => ({
  id,
  loaded: said(loaded),
  ...(gib === undefined ? {} : { sizeBytes: said(gib * GIB) }),
});

let folder = "";
let keysSeen: (string | undefined)[] = [];
let offered: Missing[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "massgen-choose-"));
  keysSeen = [];
  offered = [];
});
afterEach(() => rm(folder, { recursive: true }));

function around(served: Served, changes: Partial<Surroundings> = {}): Surroundings {
  const places = (Object.keys(served) as ServedKind[]).map((kind): Place => ({
    origin: defaultAddress(kind),
    answerer: { type: "engine", kind },
  }));
  return quietSurroundings({
    folders: { models: folder, engines: join(folder, "engines"), workspaces: join(folder, "workspaces") },
    findEngine: () => engine,
    offer: async (missing) => {
      offered.push(missing);
    },
    discover: async () => places,
    createEngine: async (kind, { apiKey }) => {
      keysSeen.push(apiKey);
      const models = served[kind] ?? [];
      const list = async (): Promise<readonly EngineModel[]> => {
        if (models instanceof Error) throw models;
        return models;
      };
      return { kind, name: kind, models: list } as unknown as Engine;
    },
    ...changes,
  });
}

const backendsOf = async (served: Served, changes: Partial<Surroundings> = {}, wish = {}) =>
  (await chooseCouncil({ seed: 7, ...wish }, around(served, changes), signal)).agents.map(({ backend }) => backend);

describe("engines on this machine", () => {
  test.each<ServedKind>(["lmstudio", "llamacpp", "ollama", "vllm", "sglang"])("%s alone", async (kind) => {
    const { agents } = await chooseCouncil({ seed: 7 }, around({ [kind]: [model("qwen")] }), signal);
    expect(agents.map(({ id }) => id)).toEqual(["agent1", "agent2", "agent3"]);
    expect(agents.map(({ backend }) => backend)).toMatchObject(
      [0.4, 0.7, 1].map((temperature, place) => ({
        type: kind,
        model: "qwen",
        base_url: `${defaultAddress(kind)}/v1`,
        temperature,
        seed: 7 + place,
      })),
    );
    expect(offered).toEqual([]);
  });

  test("says what and why in one line", async () => {
    const { reason } = await chooseCouncil({ seed: 1 }, around({ lmstudio: [model("qwen")] }), signal);
    expect(reason).toBe("3 agents on qwen at LM Studio, http://127.0.0.1:1234: in memory on this machine.");
  });

  test("a model in memory goes before any that would have to be loaded", async () => {
    const backends = await backendsOf({ lmstudio: [model("big", 9, false)], sglang: [model("small", 2)] });
    expect(backends.map(({ model: id }) => id)).toEqual(["small", "small", "small"]);
  });

  test("different models in memory sit together, largest first, without those that are much smaller and without doubles", async () => {
    const backends = await backendsOf({ lmstudio: [model("a", 4), model("tiny", 1)], ollama: [model("b", 8), model("a", 4)] });
    expect(backends.map(({ type, model: id }) => `${type} ${id}`)).toEqual(["ollama b", "lmstudio a", "ollama b"]);
  });

  test("nothing in memory: the largest that this machine carries, of the engine that comes first", async () => {
    const lmstudio = [model("small", 2, false), model("fits", 9, false), model("too-big", 20, false)];
    const backends = await backendsOf({ lmstudio, ollama: [model("other", 10, false)] });
    expect(new Set(backends.map(({ model: id }) => id))).toEqual(new Set(["fits"]));
  });

  test("models for other work, and models that are only passed on to a cloud, are none", async () => {
    const ollama = [model("nomic-embed-text"), { ...model("gpt-oss:120b-cloud"), remote: said(true) }];
    expect((await backendsOf({ ollama }))[0]?.type).toBe("embedded");
  });

  test("an engine that wants a key is left out, and how to let us in is said", async () => {
    const served = { lmstudio: answeredBadly("http://127.0.0.1:1234/v1/models", { error: "no" }, 401), ollama: [model("qwen")] };
    const { agents, notices } = await chooseCouncil({ seed: 1 }, around(served), signal);
    expect(agents[0]?.backend.type).toBe("ollama");
    expect(notices).toEqual(["lmstudio wants a key and is left out: set the variable LM_API_TOKEN."]);
    const wrong = around(served, { environment: { LM_API_TOKEN: "sk-lm-12345678:x" } });
    expect((await chooseCouncil({ seed: 1 }, wrong, signal)).notices).toEqual([
      "lmstudio does not accept the token in LM_API_TOKEN and is left out: set it to one that LM Studio made.",
    ]);
  });

  test("a server that tells nobody what it is without a key is left out, and that is said", async () => {
    const discover: Surroundings["discover"] = async () => [{ origin: "http://127.0.0.1:8000", answerer: { type: "locked" } }];
    const { notices } = await chooseCouncil({ seed: 1 }, around({}, { discover }), signal);
    expect(notices).toContain("A server at http://127.0.0.1:8000 wants a key and is left out: name it in a config, with api_key.");
  });

  test("an engine that does not name its models is left out, and that is said", async () => {
    const served = { lmstudio: new Error("late"), ollama: [model("qwen")] };
    const { agents, notices } = await chooseCouncil({ seed: 1 }, around(served), signal);
    expect(agents[0]?.backend.type).toBe("ollama");
    expect(notices).toEqual(["lmstudio answers but did not name its models in time, so it is left out."]);
  });

  test("a server with the OpenAI protocol is taken as such", async () => {
    const discover: Surroundings["discover"] = async () => [{ origin: "http://127.0.0.1:8000", answerer: { type: "openai-compatible" } }];
    const probe: Surroundings["probe"] = async () => ({ kind: "openai-compatible", models: [{ id: "m" }, { id: "m-embed" }] });
    expect(await backendsOf({}, { discover, probe }, { agents: 1 })).toEqual([
      { type: "chatcompletion", model: "m", base_url: "http://127.0.0.1:8000/v1" },
    ]);
  });

  test("only LM Studio is shown a key, and that is its own", async () => {
    const environment = { OPENAI_API_KEY: "sk-1234567890", LM_API_TOKEN: "sk-lm-12345678:x" };
    await backendsOf({ lmstudio: [model("a")], ollama: [model("b")] }, { environment });
    expect(keysSeen).toEqual(["sk-lm-12345678:x", undefined]);
  });

  test("Ollama is also looked for where OLLAMA_HOST says", async () => {
    let also: readonly string[] = [];
    const discover: Surroundings["discover"] = async (looking) => {
      also = looking.also ?? [];
      return [];
    };
    await backendsOf({}, { discover, environment: { OLLAMA_HOST: "127.0.0.1:4321" } });
    expect(also).toEqual(["http://127.0.0.1:4321"]);
  });

  test("stopped by the person", async () => {
    await expect(chooseCouncil({ seed: 1 }, around({}), AbortSignal.abort(new Error("stopped")))).rejects.toThrow("stopped");
  });
});

describe("clouds", () => {
  const environment = { OPENAI_API_KEY: "sk-1234567890", GROQ_API_KEY: "gsk-1234567890", ANTHROPIC_API_KEY: "sk-ant-1234567890" };

  test("are named and left alone unless the person said otherwise", async () => {
    const { agents, notices } = await chooseCouncil({ seed: 1 }, around({ ollama: [model("qwen")] }, { environment }), signal);
    expect(agents.map(({ backend }) => backend.type)).toEqual(["ollama", "ollama", "ollama"]);
    expect(notices).toEqual([
      "OPENAI_API_KEY, ANTHROPIC_API_KEY, GROQ_API_KEY are set but not used: --cloud uses what it can this once, massgen allow cloud always.",
    ]);
    expect(notices.join()).not.toContain("1234567890");
  });

  test("sit beside the local model where they may, each with its own address", async () => {
    const { agents, reason, notices } = await chooseCouncil(
      { seed: 1, cloud: true },
      around({ ollama: [model("qwen")] }, { environment }),
      signal,
    );
    expect(agents.map(({ backend }) => [backend.type, backend.base_url])).toEqual([
      ["ollama", "http://127.0.0.1:11434/v1"],
      ["openai", undefined],
      ["claude", undefined],
      ["chatcompletion", "https://api.groq.com/openai/v1"],
    ]);
    expect(reason).toMatch(/^4 agents on qwen at Ollama, .*; and gpt-5-mini at api\.openai\.com, claude-.* at api\.anthropic\.com and /u);
    expect(notices).toEqual([]);
  });
});

describe("a wish", () => {
  const ports: Served = { llamacpp: [model("other")], ollama: [model("qwen:latest")] };

  test("for a model: one agent, on the server that has it", async () => {
    const { agents, reason } = await chooseCouncil({ model: "qwen", systemMessage: "Be brief.", seed: 1 }, around(ports), signal);
    expect(agents).toEqual([
      {
        id: "agent1",
        system_message: "Be brief.",
        backend: { type: "ollama", model: "qwen:latest", base_url: "http://127.0.0.1:11434/v1" },
      },
    ]);
    expect(reason).toMatch(/^One agent on qwen:latest at Ollama/);
  });

  test("for a number of agents", async () => {
    expect((await chooseCouncil({ agents: 5, seed: 1 }, around(ports), signal)).agents).toHaveLength(5);
  });

  test.each([
    [ports, "There is other, qwen:latest. Elsewhere: --backend NAME, --base-url URL."],
    [{}, "Start one, or say where the model is: --backend NAME, --base-url URL."],
  ])("for a model that is nowhere", async (there, hint) => {
    await expect(chooseCouncil({ model: "llama", seed: 1 }, around(there), signal)).rejects.toMatchObject({
      code: "config",
      message: 'No server on this machine has the model "llama".',
      hint,
    });
  });
});

describe("without a server, the embedded engine", () => {
  const put = (name: string, bytes?: number) => writeFile(join(folder, name), tinyGguf(undefined, bytes));

  test("with the largest model of the cache that fits", async () => {
    await put("small.gguf");
    await put("larger.gguf", 5_000);
    await put("embed-largest.gguf", 9_000);
    await put("half.gguf.part", 9_000);
    await put("m-00002-of-00003.gguf", 9_000);
    await writeFile(join(folder, "broken.gguf"), "no model at all".repeat(1_000));
    const { agents, reason } = await chooseCouncil({ seed: 1 }, around({}), signal);
    expect(agents[2]?.backend).toEqual({ type: "embedded", model: join(folder, "larger.gguf"), temperature: 1, seed: 3 });
    expect(reason).toBe("3 agents on larger.gguf with the embedded engine: no server with a model answered on this machine.");
    expect(offered).toEqual([]);
  });

  test("with the small model of the catalogue, which is offered and called a toy", async () => {
    const { agents, notices } = await chooseCouncil({ seed: 1 }, around({}), signal);
    expect(offered).toMatchObject([{ engine: false, model: { name: "SmolLM2-135M-Instruct" } }]);
    expect(agents[0]?.backend.model).toBe(join(folder, "SmolLM2-135M-Instruct.Q4_1.gguf"));
    expect(agents[0]?.backend).toMatchObject({ context_length: 4_096, max_tokens: 320 });
    expect(notices[0]).toContain("massgen models pull Qwen3-4B-Instruct-2507");
  });

  test("which is offered too where it is missing", async () => {
    await mkdir(join(folder, "engines"));
    await chooseCouncil({ seed: 1 }, around({}, { findEngine: () => undefined }), signal);
    await put("mine.gguf");
    await chooseCouncil({ seed: 1 }, around({}, { findEngine: () => undefined }), signal);
    expect(offered).toMatchObject([{ engine: true, model: {} }, { engine: true }]);
    expect(offered[1]).not.toHaveProperty("model");
  });

  test("a model too large for this machine is not taken", async () => {
    await put("mine.gguf");
    await chooseCouncil({ seed: 1 }, around({}, { memoryBytes: 2 ** 30 }), signal);
    expect(offered).toHaveLength(1);
  });

  test("what the person refuses ends it", async () => {
    const offer = () => Promise.reject(new Error("no, thanks"));
    await expect(chooseCouncil({ seed: 1 }, around({}, { offer }), signal)).rejects.toThrow("no, thanks");
  });
});
