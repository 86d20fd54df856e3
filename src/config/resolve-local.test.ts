import { expect, test } from "vitest";
import type { Place } from "../models/engines/discover.ts";
import type { Engine, EngineModel } from "../models/engines/engine.ts";
import { defaultAddress, type ServedKind } from "../models/engines/served-engines.ts";
import { quietSurroundings } from "../../test/quiet-surroundings.ts";
import type { Surroundings } from "./council.ts";
import { resolveLocal } from "./resolve-local.ts";
import type { AgentConfig, BackendConfig } from "./schema.ts";

const signal = new AbortController().signal;
const GIB = 2 ** 30;
const said = <Value>(value: Value): { readonly value: Value; readonly source: string } => ({ value, source: "a test" });
const model = (id: string, loaded = true): EngineModel => ({ id, loaded: said(loaded), sizeBytes: said(GIB) });

type Served = { readonly [Kind in ServedKind]?: readonly EngineModel[] };

function around(served: Served, asked: string[] = [], answer = false): Surroundings {
  const places = (Object.keys(served) as ServedKind[]).map((kind): Place => ({
    origin: defaultAddress(kind),
    answerer: { type: "engine", kind },
  }));
  return quietSurroundings({
    allow: async (question) => {
      asked.push(question);
      return answer;
    },
    discover: async () => places,
    createEngine: async (kind) => ({ name: kind, models: async () => served[kind] ?? [] }) as unknown as Engine,
  });
}

const agent = (backend: Partial<BackendConfig> = {}, id = "careful"): AgentConfig => ({
  id,
  backend: { type: "local", model: "qwen3-4b", temperature: 0.3, ...backend },
});

const backendIn = async (served: Served, wish: Partial<BackendConfig> = {}): Promise<BackendConfig | undefined> => {
  const { agents } = await resolveLocal([agent(wish)], around(served), signal);
  return agents[0]?.backend;
};

test.each<readonly [ServedKind, string]>([
  ["lmstudio", "qwen/qwen3-4b-2507"],
  ["llamacpp", "Qwen3-4B-Instruct-2507-Q4_K_M.gguf"],
  ["ollama", "qwen3:4b-instruct"],
  ["vllm", "Qwen/Qwen3-4B-Instruct-2507"],
  ["sglang", "Qwen/Qwen3-4B-Instruct-2507"],
])("a model is found at %s as %s, and what else the backend says stays", async (kind, id) => {
  expect(await backendIn({ [kind]: [model("other"), model(id)] })).toEqual({
    type: kind,
    model: id,
    base_url: `${defaultAddress(kind)}/v1`,
    temperature: 0.3,
  });
});

test("one in memory goes before one on the disk of an engine that is preferred", async () => {
  const served = { lmstudio: [model("qwen/qwen3-4b-2507", false)], ollama: [model("qwen3:4b")] };
  expect(await backendIn(served)).toMatchObject({ type: "ollama" });
});

test("an id of an engine is found too, and without a model the best there is is taken", async () => {
  const served = { ollama: [model("my-own:latest")] };
  expect(await backendIn(served, { model: "my-own:latest" })).toMatchObject({ type: "ollama", model: "my-own:latest" });
  expect(await backendIn(served, { model: undefined })).toMatchObject({ type: "ollama", model: "my-own:latest" });
});

test("where no engine has it, another takes its place, which is told once", async () => {
  const agents = [agent(), agent({}, "bold")];
  const resolved = await resolveLocal(agents, around({ vllm: [model("Qwen/Qwen3-8B")] }), signal);
  expect(resolved.agents.map(({ backend }) => backend)).toEqual([
    expect.objectContaining({ type: "vllm", model: "Qwen/Qwen3-8B" }),
    expect.objectContaining({ type: "vllm", model: "Qwen/Qwen3-8B" }),
  ]);
  expect(resolved.notices).toEqual(["qwen3-4b is on no engine of this machine: Qwen/Qwen3-8B at vLLM takes its place."]);
});

test("an engine that can fetch it is asked about once, also where it has no model at all yet", async () => {
  const asked: string[] = [];
  const resolved = await resolveLocal([agent(), agent({}, "bold")], around({ ollama: [] }, asked, true), signal);
  expect(asked).toEqual(["qwen3-4b is on no engine of this machine. Let Ollama fetch qwen3:4b-instruct (2.5 GB)?"]);
  const fetched = { type: "ollama", model: "qwen3:4b-instruct", autopull: true, base_url: "http://127.0.0.1:11434/v1", temperature: 0.3 };
  expect(resolved.agents.map(({ backend }) => backend)).toEqual([fetched, fetched]);
});

test("autopull in the config is the answer to that question", async () => {
  const asked: string[] = [];
  const served = { ollama: [model("llama3.1:8b")] };
  const yes = await resolveLocal([agent({ autopull: true })], around(served, asked), signal);
  const no = await resolveLocal([agent({ autopull: false })], around(served, asked, true), signal);
  expect([yes, no].map(({ agents }) => agents[0]?.backend.model)).toEqual(["qwen3:4b-instruct", "llama3.1:8b"]);
  expect(asked).toEqual([]);
});

test("with no other model the embedded engine takes those of its catalogue", async () => {
  expect(await backendIn({})).toEqual({ type: "embedded", model: "Qwen3-4B-Instruct-2507", temperature: 0.3 });
  expect(await backendIn({ ollama: [] })).toMatchObject({ type: "embedded" });
});

test("with no other model the rest is an error that says what to do", async () => {
  await expect(backendIn({}, { model: "qwen3-8b" })).rejects.toMatchObject({
    code: "config",
    message: 'No engine on this machine has a model for agent "careful" (qwen3-8b).',
    hint: expect.stringContaining("massgen doctor"),
  });
});

test("a name that is neither a family nor on an engine is an error that names the nearest", async () => {
  await expect(backendIn({ ollama: [model("mistral:7b")] }, { model: "qwen3-4bb" })).rejects.toMatchObject({
    message: 'No engine on this machine has the model "qwen3-4bb" of agent "careful".',
    hint: 'Did you mean "qwen3-4b"?',
  });
});

test("agents on other backends stay as they are, and nobody is looked for on their account", async () => {
  const other: AgentConfig = { id: "cloud", backend: { type: "openai", model: "gpt-5-mini" } };
  const nowhere = { ...around({}), discover: async () => Promise.reject(new Error("looked")) };
  expect(await resolveLocal([other], nowhere, signal)).toEqual({ agents: [other], notices: [] });
});
