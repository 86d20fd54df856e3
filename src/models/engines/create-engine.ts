import type { Engine, EngineAddress } from "./engine.ts";
import type { ServedKind } from "./served-engines.ts";

type Create = (address: EngineAddress) => Promise<Engine>;

/** Each is loaded when it is first needed. */
const creators: Readonly<Record<ServedKind, Create>> = {
  lmstudio: async (address) => (await import("./lmstudio/create-lmstudio.ts")).createLmStudio(address),
  llamacpp: async (address) => (await import("./llamacpp/create-llamacpp.ts")).createLlamaCpp(address),
  ollama: async (address) => (await import("./ollama/create-ollama.ts")).createOllama(address),
  vllm: async (address) => (await import("./vllm/create-vllm.ts")).createVllm(address),
  sglang: async (address) => (await import("./sglang/create-sglang.ts")).createSglang(address),
};

/** An engine at an address, here or elsewhere. Nothing is asked yet. */
export async function createEngine(kind: ServedKind, address: EngineAddress): Promise<Engine> {
  return creators[kind](address);
}
