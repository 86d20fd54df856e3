import type { Engine, EngineAddress, EngineKind } from "./engine.ts";

/** An engine with a server, as people know it. */
export interface ServedEngine {
  readonly title: string;
  /** The port it listens on unless told otherwise. */
  readonly port: number;
  /** The command that starts it. */
  readonly start: string;
  readonly create: (address: EngineAddress) => Promise<Engine>;
}

export type ServedKind = Exclude<EngineKind, "embedded">;

/** In the order in which they are preferred. Each is loaded when it is first needed. */
export const servedEngines: Readonly<Record<ServedKind, ServedEngine>> = {
  lmstudio: {
    title: "LM Studio",
    port: 1234,
    start: "lms server start",
    create: async (address) => (await import("./lmstudio/create-lmstudio.ts")).createLmStudio(address),
  },
  llamacpp: {
    title: "llama.cpp",
    port: 8080,
    start: "llama-server -m FILE.gguf",
    create: async (address) => (await import("./llamacpp/create-llamacpp.ts")).createLlamaCpp(address),
  },
  ollama: {
    title: "Ollama",
    port: 11434,
    start: "ollama serve",
    create: async (address) => (await import("./ollama/create-ollama.ts")).createOllama(address),
  },
  vllm: {
    title: "vLLM",
    port: 8000,
    start: "vllm serve MODEL",
    create: async (address) => (await import("./vllm/create-vllm.ts")).createVllm(address),
  },
  sglang: {
    title: "SGLang",
    port: 30000,
    start: "python -m sglang.launch_server --model-path MODEL",
    create: async (address) => (await import("./sglang/create-sglang.ts")).createSglang(address),
  },
};

export const servedKinds = Object.keys(servedEngines) as readonly ServedKind[];

/** Where an engine is unless told otherwise. */
export function defaultAddress(kind: ServedKind): string {
  return `http://127.0.0.1:${servedEngines[kind].port}`;
}
