import { basename } from "node:path";
import { catalogue, sizeInWords, toyModel } from "../../models/files/catalogue.ts";
import { largestFitting } from "../../models/files/memory-fit.ts";
import { modelFilesIn } from "../../models/engines/embedded/embedded-models.ts";
import { toyLimits } from "../choose-council.ts";
import { isFit } from "../model-file.ts";
import type { BackendConfig } from "../schema.ts";

/** A model that the engine inside massgen could run on this machine. */
export interface EmbeddedChoice {
  readonly backend: BackendConfig;
  /** What to know of it: whether it is here, how much is to be fetched. */
  readonly about: string;
}

/**
 * The model files that are here and fit into memory, then what can be fetched and fits, too. The first is what a run without a
 * config would take; there is always one.
 */
export function embeddedChoices(folder: string, memoryBytes: number): readonly EmbeddedChoice[] {
  const here = modelFilesIn(folder)
    .map(({ path, model }) => ({ path, id: model.id, bytes: model.sizeBytes?.value ?? 0 }))
    .filter((file) => isFit(file, memoryBytes))
    .toSorted((one, other) => other.bytes - one.bytes);
  const isHere = (file: string): boolean => here.some(({ path }) => basename(path).toLowerCase() === file.toLowerCase());
  return [
    ...here.map(({ id }) => ({ backend: backendOf(id), about: "here already" })),
    ...catalogue
      .filter((model) => !isHere(model.file) && (model.name === toyModel || largestFitting(memoryBytes, [model]) !== undefined))
      .map(({ name, bytes }) => ({
        backend: backendOf(name),
        about: `${sizeInWords(bytes)} to fetch${name === toyModel ? "; a toy, to see how it works" : ""}`,
      })),
  ];
}

function backendOf(model: string): BackendConfig {
  return { type: "embedded", model, ...(isToy(model) && toyLimits) };
}

function isToy(model: string): boolean {
  return catalogue.some(({ name, file }) => name === toyModel && [name, file, file.replace(/\.gguf$/u, "")].includes(model));
}
