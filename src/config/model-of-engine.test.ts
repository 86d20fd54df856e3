import { describe, expect, test } from "vitest";
import { createEngine } from "../models/engines/create-engine.ts";
import type { Engine, EngineModel, PullProgress } from "../models/engines/engine.ts";
import { quietSurroundings } from "../../test/quiet-surroundings.ts";
import type { AttendedEngine } from "./attend-engine.ts";
import type { Surroundings } from "./council.ts";
import { mayLoad, modelOfEngine } from "./model-of-engine.ts";
import type { AgentConfig } from "./schema.ts";

const signal = new AbortController().signal;
const agent = (backend: Partial<AgentConfig["backend"]> = {}): AgentConfig => ({ id: "a", backend: { type: "ollama", ...backend } });

interface Person {
  readonly says?: boolean;
  readonly questions?: string[];
  readonly told?: string[];
}

function around({ says, questions = [], told = [] }: Person = {}): Surroundings {
  return quietSurroundings({
    allow: async (question) => {
      questions.push(question);
      return says;
    },
    tell: (text) => told.push(text),
  });
}

async function attended(models: readonly EngineModel[], changes: Partial<Engine> = {}): Promise<AttendedEngine> {
  const engine = await createEngine("ollama", { baseUrl: "http://127.0.0.1:11434" });
  return { engine: { ...engine, ...changes }, probe: { type: "ready" }, models };
}

const loaded = { value: true, source: "it" };
const unloaded = { value: false, source: "it" };

describe("an agent that names no model", () => {
  const pick = async (models: readonly EngineModel[], probe: AttendedEngine["probe"] = { type: "ready" }): Promise<string> =>
    (await modelOfEngine(agent(), { ...(await attended(models)), probe }, around(), signal)).model.id;

  test("takes the only one, or the only one in memory; what cannot converse does not count", async () => {
    expect(await pick([{ id: "qwen3:8b" }, { id: "nomic-embed-text" }])).toBe("qwen3:8b");
    expect(
      await pick([
        { id: "a", loaded: unloaded },
        { id: "b", loaded },
      ]),
    ).toBe("b");
  });

  test("never takes what its engine passes on to a cloud", async () => {
    const cloud: EngineModel = { id: "gpt-oss:120b-cloud", remote: loaded, loaded };
    expect(await pick([cloud, { id: "qwen3:8b" }])).toBe("qwen3:8b");
    await expect(pick([cloud])).rejects.toThrow("has none");
  });

  test.each<[string, readonly EngineModel[], AttendedEngine["probe"], string]>([
    ["several", [{ id: "a" }, { id: "b" }], { type: "ready" }, "has several: a, b."],
    ["none", [], { type: "ready" }, "has none"],
    ["nobody to ask", [], { type: "loading" }, "could not be asked"],
  ])("is told to name one: %s", async (_name, models, probe, why) => {
    await expect(pick(models, probe)).rejects.toThrow(why);
  });
});

describe("a model that is not there", () => {
  async function* pulling(...steps: readonly PullProgress[]): AsyncGenerator<PullProgress> {
    yield* steps;
  }

  test("names the nearest, or what is there", async () => {
    const pick = async (ids: readonly string[]): Promise<string | undefined> =>
      (await modelOfEngine(agent({ model: "qwen3:8b" }), await attended(ids.map((id) => ({ id }))), around({ says: false }), signal))
        .notice;
    expect(await pick(["qwen3:9b"])).toContain('did you mean "qwen3:9b"?');
    expect(await pick(["zephyr"])).toContain("it has zephyr.");
    expect(await pick([])).toContain("it has none.");
  });

  test("is fetched where the person says so, and what goes on is told", async () => {
    const told: string[] = [];
    const questions: string[] = [];
    const engine = await attended([], {
      models: async () => [{ id: "qwen3:latest" }],
      pull: () => pulling({ doing: "pulling manifest" }, {}, { receivedBytes: 5e8 }, { receivedBytes: 1e9, totalBytes: 2e9 }),
    });
    const picked = await modelOfEngine(agent({ model: "qwen3" }), engine, around({ says: true, told, questions }), signal);
    expect(picked).toEqual({ model: { id: "qwen3:latest" } });
    expect(questions).toEqual([expect.stringContaining("Let it fetch that model?")]);
    expect(told.map((text) => text.replace(/^.* qwen3: /u, ""))).toEqual(["pulling manifest", "…", "500 MB", "1.0 GB of 2.0 GB", ""]);
  });

  test("is fetched unasked with autopull; trouble is a sentence, and a model that stays away keeps its name", async () => {
    const away = await attended([], { models: async () => [], pull: () => pulling() });
    const autopull = agent({ model: "qwen3", autopull: true });
    expect(await modelOfEngine(autopull, away, around({ says: false }), signal)).toEqual({ model: { id: "qwen3" } });
    const broken = await attended([], {
      pull: () => {
        throw new TypeError("fetch failed");
      },
    });
    await expect(modelOfEngine(autopull, broken, around(), signal)).rejects.toThrow("Ollama at http://127.0.0.1:11434");
  });
});

describe("whether a model may be loaded", () => {
  test("the config says it, else the person is asked, with its size; what is there or comes by itself needs no yes", async () => {
    const questions: string[] = [];
    const person = around({ says: false, questions });
    const asks = await attended([], { loadsUnasked: false, load: async function* load() {} });
    const model: EngineModel = { id: "m", loaded: unloaded };
    expect(await mayLoad(agent({ autoload: true }), { engine: asks.engine, model }, person, signal)).toBe(true);
    expect(await mayLoad(agent(), { engine: asks.engine, model: { id: "m", loaded } }, person, signal)).toBeUndefined();
    expect(await mayLoad(agent(), { engine: (await attended([])).engine, model }, person, signal)).toBeUndefined();
    expect(questions).toEqual([]);
    expect(await mayLoad(agent(), { engine: asks.engine, model }, person, signal)).toBe(false);
    await mayLoad(agent(), { engine: asks.engine, model: { ...model, sizeBytes: { value: 5e9, source: "it" } } }, person, signal);
    expect(questions.map((question) => question.split(" is not")[0])).toEqual(["m", "m (5.0 GB)"]);
  });
});
