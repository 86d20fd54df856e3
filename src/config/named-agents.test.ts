import { describe, expect, test } from "vitest";
import { quietSurroundings } from "../../test/quiet-surroundings.ts";
import type { Engine } from "../models/engines/engine.ts";
import type { ServedKind } from "../models/engines/served-engines.ts";
import type { Surroundings } from "./council.ts";
import { type AboutAll, type NamedAgent, namedAgents } from "./named-agents.ts";

const signal = new AbortController().signal;

/** Engines on odd ports, with their models; the first of each is in memory. */
function around(served: Partial<Record<ServedKind, readonly string[]>>): Surroundings {
  const kinds = Object.keys(served) as ServedKind[];
  const origin = (kind: ServedKind): string => `http://127.0.0.1:90${kinds.indexOf(kind)}`;
  return quietSurroundings({
    discover: async () => kinds.map((kind) => ({ origin: origin(kind), answerer: { type: "engine", kind } })),
    createEngine: async (kind) => {
      const models = (served[kind] ?? []).map((id, index) => ({ id, loaded: { value: index === 0, source: "a test" } }));
      return { kind, name: kind, models: async () => models } as unknown as Engine;
    },
  });
}

const entries = (...agents: readonly Omit<NamedAgent, "place">[]): readonly NamedAgent[] =>
  agents.map((agent, index) => ({ ...agent, place: `--models, entry ${index + 1}` }));

const backendsOf = async (named: readonly NamedAgent[], about: Partial<AboutAll>, here: Surroundings) => {
  const { agents } = await namedAgents(named, { seed: 1, ...about }, here, signal);
  return agents.map(({ id, backend: { type, model, base_url: baseUrl } }) => [id, type, model, baseUrl]);
};

describe("names of models become agents", () => {
  const here = around({ lmstudio: ["qwen/qwen3-4b-2507", "gpt-4o"], ollama: ["phi4:latest", "qwen3:4b"] });

  test("local engines first, by the engine's name or the one people use; then clouds by family", async () => {
    const named = entries({ model: "qwen3-4b" }, { model: "phi4" }, { model: "gpt-4o" }, { model: "gpt-5-mini" }, { model: "./m.gguf" });
    expect(await backendsOf(named, {}, here)).toEqual([
      ["agent1", "lmstudio", "qwen/qwen3-4b-2507", "http://127.0.0.1:900/v1"],
      ["agent2", "ollama", "phi4:latest", "http://127.0.0.1:901/v1"],
      ["agent3", "lmstudio", "gpt-4o", "http://127.0.0.1:900/v1"],
      ["agent4", "openai", "gpt-5-mini", undefined],
      ["agent5", "embedded", "./m.gguf", undefined],
    ]);
  });

  test("an engine that is named is taken where it was found, else at its usual port", async () => {
    const named = entries({ backend: "ollama", model: "qwen3:4b" }, { backend: "vllm", model: "m" }, { backend: "lmstudio" });
    expect(await backendsOf(named, {}, here)).toEqual([
      ["agent1", "ollama", "qwen3:4b", "http://127.0.0.1:901/v1"],
      ["agent2", "vllm", "m", "http://127.0.0.1:8000/v1"],
      ["agent3", "lmstudio", undefined, "http://127.0.0.1:900/v1"],
    ]);
  });

  test("--backend and --base-url are for all that name none; nothing is looked for then", async () => {
    const blind = quietSurroundings({ discover: () => Promise.reject(new Error("looked")) });
    expect(await backendsOf(entries({ model: "a" }, { model: "b" }), { baseUrl: "http://x:1/v1" }, blind)).toEqual([
      ["agent1", "chatcompletion", "a", "http://x:1/v1"],
      ["agent2", "chatcompletion", "b", "http://x:1/v1"],
    ]);
    expect(await backendsOf(entries({ model: "a" }), { backend: "openai" }, blind)).toEqual([["agent1", "openai", "a", undefined]]);
  });

  test("more agents than names go round; all have the system message, and those of this machine differ in how they sample", async () => {
    const about = { seed: 1, agents: 3, systemMessage: "Be brief." };
    const { agents } = await namedAgents(entries({ model: "phi4" }, { model: "qwen3-4b" }), about, here, signal);
    expect(agents.map(({ backend }) => backend.type)).toEqual(["ollama", "lmstudio", "ollama"]);
    expect(new Set(agents.map(({ backend }) => backend.temperature)).size).toBe(3);
    expect(agents.every(({ system_message: message }) => message === "Be brief.")).toBe(true);
  });

  test.each<[string, readonly NamedAgent[], Partial<AboutAll>, object]>([
    [
      "a name nobody knows",
      entries({ model: "gpt-4o" }, { model: "phi" }),
      {},
      {
        code: "config",
        message: "--models, entry 2: no server on this machine has that model, and its name tells no cloud.",
        hint: 'Did you mean "phi4:latest"?',
      },
    ],
    ["a backend mistyped", entries({ model: "olama:phi4" }), {}, { hint: 'Did you mean "ollama:phi4"?' }],
    ["nothing near", entries({ model: "zzz" }), {}, { hint: expect.stringContaining("There is qwen/qwen3-4b-2507, gpt-4o, ") as string }],
    ["an address for a named backend", entries({ backend: "openai", model: "m" }), { baseUrl: "http://x/v1" }, { code: "usage" }],
    [
      "an address that is none",
      entries({ model: "m" }),
      { baseUrl: "http://me:pass@x/v1" },
      { message: expect.stringContaining("entry 1: --base-url") as string },
    ],
    ["fewer agents than names", entries({ model: "gpt-4o" }, { model: "phi4" }), { agents: 1 }, { code: "usage" }],
  ])("%s is refused", async (_name, named, about, error) => {
    await expect(namedAgents(named, { seed: 1, ...about }, here, signal)).rejects.toMatchObject(error);
  });

  test("where there is nothing, the hint says how to name a backend", async () => {
    const error = { hint: "Name its backend before it: ollama:NAME, openai:NAME, …" };
    await expect(namedAgents(entries({ model: "zzz" }), { seed: 1 }, quietSurroundings(), signal)).rejects.toMatchObject(error);
  });
});
