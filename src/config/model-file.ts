import { readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { MassgenError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { catalogue, type CatalogueModel, findInCatalogue, toyModel } from "../models/files/catalogue.ts";
import { checkModelFile } from "../models/files/check-model-file.ts";
import { largestFitting } from "../models/files/memory-fit.ts";
import type { Surroundings } from "./council.ts";
import { canConverse } from "./served-model.ts";

interface InstalledModel {
  readonly path: string;
  readonly bytes: number;
}

/** Complete GGUF files in the folder of models, largest first. */
async function installedModels(folder: string): Promise<readonly InstalledModel[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const files = names
    .filter((name) => name.toLowerCase().endsWith(".gguf") && !/-000(?!01)\d{2}-of-\d{5}/.test(name))
    .map((name) => join(folder, name));
  const models = await Promise.all(files.map(async (path) => ({ path, bytes: (await stat(path)).size })));
  return models.sort((one, other) => other.bytes - one.bytes || one.path.localeCompare(other.path));
}

/** Whether somebody names a file rather than a model of the catalogue. */
function isPath(name: string): boolean {
  return findInCatalogue(name) === undefined && (/\.gguf$/i.test(name) || /^[.~]?[/\\]|^[A-Za-z]:\\/.test(name));
}

/** Whether the embedded engine is meant by this name alone. */
export function namesModelFile(name: string): boolean {
  return isPath(name) || findInCatalogue(name) !== undefined;
}

/**
 * The model file for the embedded engine: the one named (a path, a name of the catalogue, a file in the folder of models), else the largest
 * there that this machine's memory carries, else the small model of the catalogue. What is missing is offered for download.
 */
export async function modelFile(name: string | undefined, surroundings: Surroundings, signal: AbortSignal): Promise<string> {
  const { folders, findEngine, offer } = surroundings;
  const noEngine = findEngine(folders.engines) === undefined;
  const installed = await installedModels(folders.models);
  const found =
    name === undefined ? installed.find((model) => isFit(model, surroundings.memoryBytes))?.path : named(name, installed, surroundings);
  if (found !== undefined) {
    checkModelFile(found);
    if (noEngine) await offer({ engine: true }, signal);
    return found;
  }
  const model = toFetch(name, installed);
  await offer({ engine: noEngine, model }, signal);
  return join(folders.models, model.file);
}

function named(name: string, installed: readonly InstalledModel[], { environment }: Surroundings): string | undefined {
  if (isPath(name)) return resolve(name.replace(/^~(?=[/\\])/, environment["HOME"] ?? "~"));
  const file = (findInCatalogue(name)?.file ?? name).toLowerCase();
  return installed.find(({ path }) => [file, `${file}.gguf`].includes(basename(path).toLowerCase()))?.path;
}

function toFetch(name: string | undefined, installed: readonly InstalledModel[]): CatalogueModel {
  const model = findInCatalogue(name ?? toyModel);
  if (model !== undefined) return model;
  const names = [...catalogue.map((known) => known.name), ...installed.map(({ path }) => basename(path))];
  const meant = nearest(name ?? "", names);
  throw new MassgenError("config", `There is no model "${name}" for the embedded engine.`, {
    hint: meant === undefined ? `There is ${names.join(", ")}, or the path of a GGUF file.` : `Did you mean ${meant}?`,
  });
}

const GIB = 2 ** 30;
/** Weights, and what context and buffers take beside them. */
const OVERHEAD = 1.5;

/** Whether a file may be taken unasked: it holds a model that can converse, and the machine carries it. */
export function isFit({ path, bytes }: InstalledModel, memoryBytes: number): boolean {
  const file = basename(path);
  const known = findInCatalogue(file);
  const carried = known === undefined ? bytes * OVERHEAD + GIB <= memoryBytes : largestFitting(memoryBytes, [known]) !== undefined;
  return carried && canConverse(file) && isModelFile(path);
}

function isModelFile(path: string): boolean {
  try {
    checkModelFile(path);
    return true;
  } catch {
    return false;
  }
}
