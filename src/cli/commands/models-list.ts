import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { catalogue, sizeInWords } from "../../models/files/catalogue.ts";
import { largestFitting } from "../../models/files/memory-fit.ts";
import { foldersOf, type Session } from "../session.ts";
import { memoryBytes } from "../surroundings.ts";

/** A model of the catalogue, or a file of one that is here. */
interface ListedModel {
  readonly name: string;
  readonly bytes: number;
  readonly license?: string;
  /** Whether this machine's memory carries it; absent where that is not known. */
  readonly fits?: boolean;
  /** Where it is, if it is here. */
  readonly path?: string;
}

/** Lists the models of the catalogue and the model files that are here. */
export async function listModels({ io, output }: Session): Promise<number> {
  const models = modelsIn(foldersOf(io).models, memoryBytes());
  const lines = output.json ? models.map((model) => JSON.stringify(model)) : tableOf(models);
  for (const line of lines) io.stdout.write(`${line}\n`);
  await io.stdout.flushed();
  return 0;
}

function modelsIn(folder: string, memory: number): readonly ListedModel[] {
  const here = new Map(filesIn(folder).map((file) => [file.toLowerCase(), join(folder, file)]));
  const known = catalogue.map((model) => {
    const path = here.get(model.file.toLowerCase());
    const { name, bytes, license } = model;
    return { name, bytes, license, fits: largestFitting(memory, [model]) !== undefined, ...(path !== undefined && { path }) };
  });
  const others = [...here.values()].filter((path) => !known.some((model) => model.path === path));
  return [...known, ...others.map((path) => ({ name: path.slice(folder.length + 1), bytes: statSync(path).size, path }))];
}

/** None where there is no such folder yet. */
function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((file) => file.toLowerCase().endsWith(".gguf"));
  } catch {
    return [];
  }
}

function tableOf(models: readonly ListedModel[]): readonly string[] {
  const width = Math.max(...models.map(({ name }) => name.length));
  return models.map(({ name, bytes, license, fits, path }) => {
    const state = path === undefined ? `massgen models pull ${name}` : "here";
    const fit = fits === false ? ", more than this machine's memory carries" : "";
    return `${name.padEnd(width)}  ${sizeInWords(bytes).padStart(7)}  ${(license ?? "").padEnd(10)}  ${state}${fit}`;
  });
}
