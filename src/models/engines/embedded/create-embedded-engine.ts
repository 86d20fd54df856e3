import { MassgenError } from "../../../core/errors.ts";
import { nearest } from "../../../core/nearest.ts";
import { createEmbedded } from "../../backends/embedded/create-embedded.ts";
import { findEmbeddedEngine } from "../../backends/embedded/find-embedded-engine.ts";
import { pullModel } from "../../files/pull-model.ts";
import type { CouncilModel } from "../../model.ts";
import { withProgress } from "../../with-progress.ts";
import type { Engine, Probe, PullProgress } from "../engine.ts";
import { modelFilesIn } from "./embedded-models.ts";

export interface EmbeddedEngineOptions {
  /** The folder of model files. */
  readonly modelsDir: string;
  /** Where `massgen engines add embedded` puts the engine. */
  readonly enginesDir?: string;
  /** Calls at once on one model, each with a context of its own; 3 by default. */
  readonly lanes?: number;
  readonly contextTokens?: number;
}

const USUAL_LANES = 3;

/** The engine in this process with the model files of a folder. A model stays in memory until it is unloaded. */
export function createEmbeddedEngine(options: EmbeddedEngineOptions): Engine {
  const { modelsDir, enginesDir, lanes = USUAL_LANES, contextTokens } = options;
  const held = new Map<string, CouncilModel>();

  const open = (id: string): CouncilModel => {
    const path = pathOf(id, modelsDir);
    const settings = {
      path,
      lanes,
      ...(enginesDir === undefined ? {} : { enginesDir }),
      ...(contextTokens === undefined ? {} : { contextTokens }),
    };
    const model = held.get(id) ?? createEmbedded(settings);
    held.set(id, model);
    return model;
  };
  const loaded = new Set<string>();

  return {
    kind: "embedded",
    name: "the embedded engine",
    origin: "embedded:",
    probe: async (signal) => (signal.aborted ? { type: "unknown", why: "Nobody waited for the embedded engine." } : installed(enginesDir)),
    models: async () =>
      modelFilesIn(modelsDir).map(({ model }) => ({ ...model, loaded: { value: loaded.has(model.id), source: "this process" } })),
    slots: async () => ({ slots: { value: lanes, source: "its lanes, each with a context of its own" }, sharing: "slot" }),
    advice: async () => [],
    contextOf: ({ contextTrained }, wanted) =>
      wanted === undefined ? contextTrained?.value : Math.min(wanted, contextTrained?.value ?? Infinity),
    loadsUnasked: true,
    load: async function* (id, _options, signal) {
      if (loaded.has(id)) return;
      yield { fraction: 0 };
      yield* open(id).prepare?.(undefined, signal) ?? [];
      loaded.add(id);
    },
    unload: async (id) => {
      const model = held.get(id);
      held.delete(id);
      loaded.delete(id);
      await model?.close?.();
    },
    pull: (name, signal) => withProgress<PullProgress>((report) => pull(name, modelsDir, report, signal)),
    rungs: () => ["schema", "text"],
    languageModel: (id) => open(id).languageModel,
    providerOptions: () => ({ ballot: { embedded: { thoughtTokens: 0 } } }),
  };
}

function installed(enginesDir: string | undefined): Probe {
  const found = findEmbeddedEngine(enginesDir);
  if (found !== undefined) return { type: "ready", version: found.version };
  const message = "The embedded engine is not installed: massgen engines add embedded.";
  return { type: "down", failure: { kind: "not-running", message, retryable: false } };
}

function pathOf(id: string, modelsDir: string): string {
  const files = modelFilesIn(modelsDir);
  const file = files.find(({ model }) => model.id === id);
  if (file !== undefined) return file.path;
  const meant = nearest(
    id,
    files.map(({ model }) => model.id),
  );
  throw new MassgenError("model-file", `There is no model "${id}" in ${modelsDir}.`, {
    hint: meant === undefined ? "massgen models pull NAME fetches one." : `Did you mean ${meant}?`,
  });
}

async function pull(name: string, modelsDir: string, report: (progress: PullProgress) => void, signal: AbortSignal): Promise<void> {
  await pullModel(
    name,
    {
      modelsDir,
      announce: (doing) => report({ doing }),
      onProgress: ({ received, total }) => report({ receivedBytes: received, ...(total === undefined ? {} : { totalBytes: total }) }),
    },
    signal,
  );
}
