import type { ServedKind } from "../../src/models/engines/served-engines.ts";
import {
  type FakeEngine,
  type FakeEngineOptions,
  startFakeLlamaCpp,
  startFakeLmStudio,
  startFakeOllama,
  startFakeSglang,
  startFakeVllm,
} from "../../src/testing/index.ts";

/** One fake for every engine with a server. */
export const fakeEngines: Readonly<Record<ServedKind, (options: FakeEngineOptions) => Promise<FakeEngine>>> = {
  lmstudio: startFakeLmStudio,
  llamacpp: startFakeLlamaCpp,
  ollama: startFakeOllama,
  vllm: startFakeVllm,
  sglang: startFakeSglang,
};
