import { type EngineQueue, engineQueueAt } from "../models/queue/engine-queue.ts";
import { sizeInWords } from "../models/files/catalogue.ts";
import { listed } from "../core/listed.ts";
import type { SeatedEngine } from "./council.ts";
import { reachOf } from "./base-url.ts";

/** Weights, and what contexts and buffers take beside them. */
const OVERHEAD = 1.2;

/**
 * Says before a run what fits into an engine's memory together, and has the engine's queue group calls where that is not all.
 * @param memoryBytes of this machine
 * @returns a sentence for each engine that has to swap models
 */
export function arrangeModels(
  seated: readonly SeatedEngine[],
  memoryBytes: number,
  queueAt: (origin: string) => EngineQueue = engineQueueAt,
): readonly string[] {
  const origins = [...new Set(seated.map(({ engine }) => engine.origin))];
  return origins.flatMap((origin) => {
    const here = seated.filter(({ engine }) => engine.origin === origin);
    const together = togetherAt(here, memoryBytes);
    queueAt(origin).inMemory({ most: together?.most ?? Infinity, loaded: loadedIn(here) });
    return together === undefined ? [] : [sentence(here, together)];
  });
}

interface Together {
  readonly most: number;
  readonly why: string;
}

function modelsOf(seated: readonly SeatedEngine[]): ReadonlyMap<string, SeatedEngine> {
  return new Map(seated.map((each) => [each.model.id, each]));
}

function loadedIn(seated: readonly SeatedEngine[]): readonly string[] {
  return [...modelsOf(seated)].flatMap(([id, { model }]) => (model.loaded?.value === true ? [id] : []));
}

/** What is told, what the engine is known to do, what arithmetic says; undefined where all models fit. */
function togetherAt(seated: readonly SeatedEngine[], memoryBytes: number): Together | undefined {
  const models = [...modelsOf(seated).values()];
  if (models.length < 2) return undefined;
  const told = seated.flatMap(({ most }) => most ?? []);
  const candidates: readonly (Together | undefined)[] = [
    told.length === 0 ? undefined : { most: Math.min(...told), why: "max_loaded_models" },
    onRequest(models),
    told.length === 0 ? byArithmetic(models, memoryBytes) : undefined,
  ];
  const [tightest] = candidates
    .filter((one) => one !== undefined && one.most < models.length)
    .sort((one, other) => (one?.most ?? 0) - (other?.most ?? 0));
  return tightest;
}

/** Some engines keep only so many of the models that requests made them load; what was loaded explicitly stays. */
function onRequest(models: readonly SeatedEngine[]): Together | undefined {
  const unloaded = models.filter(({ model, isLoadedByUs }) => !isLoadedByUs && model.loaded?.value === false);
  const keeps = models[0]?.engine.keepsUnasked;
  if (keeps === undefined || unloaded.length <= keeps) return undefined;
  return {
    most: models.length - unloaded.length + keeps,
    why: "it keeps no more of those it loads on request; autoload: true loads them for good",
  };
}

/** Any choice of so many models fits, weights and contexts, into the memory of this machine. */
function byArithmetic(models: readonly SeatedEngine[], memoryBytes: number): Together | undefined {
  const sizes = models.map(({ model }) => model.sizeBytes?.value);
  if (models.some(({ engine }) => !engine.origin.startsWith("http") || reachOf(engine.origin) !== "loopback")) return undefined;
  const known = sizes.filter((size) => size !== undefined).sort((one, other) => other - one);
  let room = memoryBytes;
  const fitting = known.filter((size) => (room -= size * OVERHEAD) >= 0).length;
  if (known.length < models.length || fitting === models.length) return undefined;
  const all = known.reduce((sum, size) => sum + size, 0);
  return {
    most: Math.max(1, fitting),
    why: `by arithmetic: ${sizeInWords(all * OVERHEAD)} of models, ${sizeInWords(memoryBytes)} of memory`,
  };
}

function sentence(seated: readonly SeatedEngine[], { most, why }: Together): string {
  const ids = [...modelsOf(seated).keys()];
  const name = seated[0]?.engine.name ?? "";
  return `${name} holds ${most} of ${listed(ids)} at once (${why}): they take turns, and each turn loads a model.`;
}
