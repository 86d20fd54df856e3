import type { EngineKind } from "../engines/engine.ts";

/** How each engine is told to take more calls at once. */
export function slotAdvice(kind: EngineKind, slots: number): string {
  switch (kind) {
    case "lmstudio":
      return `LM Studio: massgen models load MODEL --parallel ${slots}, or "Max Concurrent Predictions: ${slots}" where a model is loaded.`;
    case "llamacpp":
      return `llama-server: --parallel ${slots}, and --ctx-size as many times larger where it divides its context among slots.`;
    case "ollama":
      return `Ollama: OLLAMA_NUM_PARALLEL=${slots} in the environment of ollama serve.`;
    case "vllm":
      return `vLLM: --max-num-seqs ${slots} or more.`;
    case "sglang":
      return `SGLang: --max-running-requests ${slots} or more.`;
    case "embedded":
      return `The embedded engine: parallel: ${slots} in the config.`;
  }
}
