import { loading, type EngineCore } from "../engine-core.ts";
import type { Death, ModelFacts, Refusal } from "../fake-engine.ts";
import type { FakeLmStudioOptions } from "./options.ts";

/** A model in memory. A second one of the same model is `ID:2`. */
export interface Instance {
  readonly id: string;
  readonly model: ModelFacts;
  readonly contextTokens: number;
  /** Loaded because a request asked for it, not because a person did. */
  readonly jit: boolean;
  /** Milliseconds of idleness after which it leaves. */
  readonly ttlMs: number;
  readonly ready: Promise<void>;
  isReady: boolean;
  usedAt: number;
}

export interface LmStudioMemory {
  instances(): readonly Instance[];
  /** Starts to load; refuses what does not fit. */
  load(
    model: ModelFacts,
    wish: { readonly jit: boolean; readonly contextTokens?: number; readonly ttlSeconds?: number },
  ): Instance | Refusal;
  unload(id: string): boolean;
}

/** What befalls a request whose model is taken away. */
export const UNLOADED: Death = {
  status: 400,
  body: { error: "Model unloaded." },
  frame: { error: { message: "Model unloaded." }, message: "Model unloaded." },
};
const HOUR_SECONDS = 3600;

/** What LM Studio has in memory: at most one model that requests asked for, and all that people loaded, as far as they fit. */
export function createLmStudioMemory(models: readonly ModelFacts[], options: FakeLmStudioOptions, core: EngineCore): LmStudioMemory {
  const { memoryBytes = Infinity, maxLoaded = Infinity, autoEvict = true, failLoads = [], loadMs } = options;
  let instances: readonly Instance[] = [];

  const unload = (id: string): boolean => {
    const found = instances.some((instance) => instance.id === id);
    instances = instances.filter((instance) => instance.id !== id);
    core.kill(id, UNLOADED);
    return found;
  };

  const freeId = (id: string): string => {
    const taken = new Set(instances.map((instance) => instance.id));
    let number = 1;
    while (taken.has(number === 1 ? id : `${id}:${number}`)) number += 1;
    return number === 1 ? id : `${id}:${number}`;
  };

  const put = (instance: Omit<Instance, "id" | "isReady" | "usedAt">): Instance => {
    const placed: Instance = { ...instance, id: freeId(instance.model.id), isReady: false, usedAt: Date.now() };
    void placed.ready.then(() => (placed.isReady = true));
    instances = [...instances, placed];
    return placed;
  };

  for (const model of models.filter(({ loaded }) => loaded)) {
    const placed = put({ model, contextTokens: model.contextTokens, jit: false, ttlMs: Infinity, ready: Promise.resolve() });
    placed.isReady = true;
  }

  return {
    instances() {
      const now = Date.now();
      for (const { id, usedAt, ttlMs } of instances) if (now - usedAt > ttlMs && !core.busy(id)) unload(id);
      return instances;
    },
    load(model, { jit, contextTokens = model.contextTokens, ttlSeconds }) {
      if (failLoads.includes(model.id)) return refusal(`Failed to load model "${model.id}". Error: Error loading model.`);
      if (jit && autoEvict) for (const other of instances) if (other.jit && other.model.id !== model.id) unload(other.id);
      const needed = instances.reduce((sum, other) => sum + other.model.sizeBytes, model.sizeBytes);
      if (needed > memoryBytes || instances.length >= maxLoaded) return refusal(tooLarge(model));
      core.loads.push(model.id);
      const ttlMs = (ttlSeconds ?? (jit ? HOUR_SECONDS : Infinity)) * 1000;
      return put({ model, contextTokens, jit, ttlMs, ready: loading(loadMs) });
    },
    unload,
  };
}

function tooLarge({ sizeBytes }: ModelFacts): string {
  const needed = `Under the current settings, this model requires approximately ${(sizeBytes / 1e9).toFixed(2)} GB of memory`;
  return `Model loading was stopped due to insufficient system resources. ${needed}, and continuing to load it would likely overload your system and cause it to freeze. If you believe this is a mistake, you can adjust the model loading guardrails in settings.`;
}

function refusal(error: string): Refusal {
  return { status: 400, body: { error } };
}
