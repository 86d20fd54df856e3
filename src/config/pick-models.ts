import { modelNamed } from "./model-of-engine.ts";
import type { LocalModel } from "./local-models.ts";

export interface Picking {
  readonly wanted: string | undefined;
  /** Different models at most. */
  readonly most: number;
  readonly memoryBytes: number;
}

export interface Picked {
  readonly picked: readonly LocalModel[];
  /** For a sentence that has named them. */
  readonly why: string;
}

/** A model much smaller than the best would drag the council down. */
const LEAST_SHARE = 1 / 3;
const GIB = 2 ** 30;
/** Weights, and what context and buffers take beside them. */
const OVERHEAD = 1.2;

/** The models for a council: the one wished for, else those in memory, else the largest that this machine carries. */
export function pickModels(models: readonly LocalModel[], { wanted, most, memoryBytes }: Picking): Picked {
  if (wanted !== undefined) {
    const named = modelNamed(wanted, models);
    return { picked: models.filter((model) => model === named), why: "a server that runs on this machine" };
  }
  const loaded = distinct(models.filter(({ isLoaded }) => isLoaded));
  if (loaded.length > 0) {
    const picked = comparable(loaded).slice(0, most);
    return { picked, why: picked.length === 1 ? "in memory on this machine" : "all in memory on this machine" };
  }
  const fitting = models.filter(({ sizeBytes }) => sizeBytes === undefined || sizeBytes * OVERHEAD + GIB <= memoryBytes);
  const [first] = fitting;
  const largest = fitting.filter(({ place }) => place.baseUrl === first?.place.baseUrl).sort(bySize)[0];
  return { picked: largest === undefined ? [] : [largest], why: "the largest there that this machine carries" };
}

function bySize(one: LocalModel, other: LocalModel): number {
  return (other.sizeBytes ?? 0) - (one.sizeBytes ?? 0);
}

/** The same model on a second engine is no second opinion. */
function distinct(models: readonly LocalModel[]): readonly LocalModel[] {
  return models.filter(({ id }, index) => models.findIndex((other) => other.id === id) === index);
}

/** Largest first, without those that are much smaller; of a model whose size nobody tells, nothing is known against it. */
function comparable(models: readonly LocalModel[]): readonly LocalModel[] {
  const largest = Math.max(0, ...models.map(({ sizeBytes }) => sizeBytes ?? 0));
  return models.filter(({ sizeBytes = largest }) => sizeBytes >= largest * LEAST_SHARE).toSorted(bySize);
}
