import type { EngineKind } from "./engine.ts";

/** An engine with a server, as people know it. */
export interface ServedEngine {
  readonly title: string;
  /** The port it listens on unless told otherwise. */
  readonly port: number;
  /** The command that starts it. */
  readonly start: string;
}

export type ServedKind = Exclude<EngineKind, "embedded">;

/** In the order in which they are preferred. */
export const servedEngines: Readonly<Record<ServedKind, ServedEngine>> = {
  lmstudio: {
    title: "LM Studio",
    port: 1234,
    start: "lms server start",
  },
  llamacpp: {
    title: "llama.cpp",
    port: 8080,
    start: "llama-server -m FILE.gguf",
  },
  ollama: {
    title: "Ollama",
    port: 11434,
    start: "ollama serve",
  },
  vllm: {
    title: "vLLM",
    port: 8000,
    start: "vllm serve MODEL",
  },
  sglang: {
    title: "SGLang",
    port: 30000,
    start: "python -m sglang.launch_server --model-path MODEL",
  },
};

export const servedKinds = Object.keys(servedEngines) as readonly ServedKind[];

/** Where an engine is unless told otherwise. */
export function defaultAddress(kind: ServedKind): string {
  return `http://127.0.0.1:${servedEngines[kind].port}`;
}
