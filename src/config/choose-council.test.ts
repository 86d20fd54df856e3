import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tinyGguf } from "../../test/engines/tiny-gguf.ts";
import type { Failure } from "../core/facts/outcome.ts";
import type { ServerKind, ServerProbe } from "../models/backends/chatcompletion/probe-server.ts";
import { memoryExperiences } from "../models/experience-store.ts";
import { chooseCouncil } from "./choose-council.ts";
import type { Missing, Surroundings } from "./council.ts";

const signal = new AbortController().signal;
const refusal: Failure = { kind: "not-running", message: "Nothing answers.", retryable: true };
const engine = { entry: "file:///engine", version: "3", source: "package" } as const;

/** What answers on which port; the rest refuses. */
type Ports = Readonly<Record<number, ServerProbe | Failure>>;

const serving = (kind: ServerKind, ...ids: string[]): ServerProbe => ({ kind, models: ids.map((id) => ({ id })) });

let folder = "";
let asked: string[] = [];
let offered: Missing[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "massgen-choose-"));
  asked = [];
  offered = [];
});
afterEach(() => rm(folder, { recursive: true }));

function around(ports: Ports, changes: Partial<Surroundings> = {}): Surroundings {
  return {
    environment: {},
    folders: { models: folder, engines: join(folder, "engines") },
    memoryBytes: 16 * 2 ** 30,
    findEngine: () => engine,
    experience: memoryExperiences(),
    offer: async (missing) => {
      offered.push(missing);
    },
    probe: async (baseUrl) => {
      asked.push(baseUrl);
      return ports[Number(new URL(baseUrl).port)] ?? refusal;
    },
    ...changes,
  };
}

describe("a server on this machine", () => {
  test.each<[string, Ports, string, string]>([
    ["LM Studio", { 1234: serving("lmstudio", "qwen") }, "lmstudio", "http://127.0.0.1:1234/v1"],
    ["llama.cpp", { 8080: serving("llamacpp", "qwen") }, "chatcompletion", "http://127.0.0.1:8080/v1"],
    ["Ollama", { 11434: serving("ollama", "qwen") }, "chatcompletion", "http://127.0.0.1:11434/v1"],
    ["vLLM", { 8000: serving("vllm", "qwen") }, "chatcompletion", "http://127.0.0.1:8000/v1"],
    ["SGLang", { 30000: serving("openai-compatible", "qwen") }, "chatcompletion", "http://127.0.0.1:30000/v1"],
    [
      "what has a model in memory, before LM Studio where none is loaded",
      { 1234: serving("lmstudio", "qwen"), 30000: serving("vllm", "x") },
      "chatcompletion",
      "http://127.0.0.1:30000/v1",
    ],
  ])("%s", async (_, ports, type, url) => {
    const { agents } = await chooseCouncil({ seed: 7 }, around(ports), signal);
    expect(agents.map(({ id }) => id)).toEqual(["agent1", "agent2", "agent3"]);
    expect(agents.map(({ backend }) => [backend.type, backend.base_url])).toEqual(agents.map(() => [type, url]));
    expect(agents.map(({ backend }) => [backend.temperature, backend.seed])).toEqual([
      [0.4, 7],
      [0.7, 8],
      [1, 9],
    ]);
    expect(offered).toEqual([]);
  });

  test("says what and why in one line", async () => {
    const { reason } = await chooseCouncil({ seed: 1 }, around({ 1234: serving("lmstudio", "qwen") }), signal);
    expect(reason).toBe("3 agents on qwen at LM Studio, http://127.0.0.1:1234: a server that runs on this machine.");
  });

  test("the model in memory, and no model for other work", async () => {
    const models = [{ id: "text-embedding-nomic" }, { id: "big" }, { id: "whisper-1" }, { id: "small", contextTokens: 4096 }];
    const { agents } = await chooseCouncil({ seed: 1 }, around({ 1234: { kind: "lmstudio", models } }), signal);
    expect(agents[0]?.backend.model).toBe("small");
  });

  test("one with nothing but embeddings is none", async () => {
    const { agents } = await chooseCouncil({ seed: 1 }, around({ 11434: serving("ollama", "nomic-embed-text") }), signal);
    expect(agents[0]?.backend.type).toBe("embedded");
  });

  test("only this machine is asked, and no key of a cloud is used", async () => {
    const keys: unknown[] = [];
    const environment = { OPENAI_API_KEY: "sk-1234567890", GROQ_API_KEY: "gsk-1234567890" };
    const surroundings = around({});
    const probe: Surroundings["probe"] = async (baseUrl, options, ...rest) => {
      keys.push(options.apiKey);
      return surroundings.probe(baseUrl, options, ...rest);
    };
    const { notices } = await chooseCouncil({ seed: 1 }, { ...surroundings, environment, probe }, signal);
    expect(asked.map((url) => new URL(url).hostname)).toEqual(Array(5).fill("127.0.0.1"));
    expect(keys).toEqual(["lm-studio", undefined, undefined, undefined, undefined]);
    expect(notices).toContain(
      "OPENAI_API_KEY, GROQ_API_KEY are set but not used: without a config or --backend nothing leaves this machine.",
    );
    expect(notices.join()).not.toContain("1234567890");
  });

  test("each server gets half a second", async () => {
    const limits: (number | undefined)[] = [];
    const probe: Surroundings["probe"] = async (_, { timeoutMs }) => {
      limits.push(timeoutMs);
      return refusal;
    };
    await chooseCouncil({ seed: 1 }, around({}, { probe }), signal);
    expect(limits).toEqual(Array(5).fill(500));
  });

  test("stopped by the person", async () => {
    await expect(chooseCouncil({ seed: 1 }, around({}), AbortSignal.abort(new Error("stopped")))).rejects.toThrow("stopped");
  });
});

describe("a wish", () => {
  const ports = { 8080: serving("llamacpp", "other"), 11434: serving("ollama", "qwen:latest") };

  test("for a model: one agent, on the server that has it", async () => {
    const { agents, reason } = await chooseCouncil({ model: "qwen", systemMessage: "Be brief.", seed: 1 }, around(ports), signal);
    expect(agents).toEqual([
      {
        id: "agent1",
        system_message: "Be brief.",
        backend: { type: "chatcompletion", model: "qwen:latest", base_url: "http://127.0.0.1:11434/v1" },
      },
    ]);
    expect(reason).toMatch(/^One agent on qwen:latest at Ollama/);
  });

  test("for a number of agents", async () => {
    expect((await chooseCouncil({ agents: 5, seed: 1 }, around(ports), signal)).agents).toHaveLength(5);
  });

  test.each([
    [ports, "There is other, qwen:latest. Elsewhere: --base-url URL."],
    [{}, "Start one, or say where the model is: --base-url URL."],
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
