import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Listing } from "../../config/models-here.ts";
import { modelFit } from "../../config/model-facts.ts";
import { redactText } from "../../log/redaction.ts";
import { catalogue, sizeInWords } from "../../models/files/catalogue.ts";
import { largestFitting } from "../../models/files/memory-fit.ts";
import type { EngineModel } from "../../models/engines/engine.ts";
import { plainText } from "../../views/plain-text.ts";
import { table } from "../../views/table.ts";
import type { Command } from "../command.ts";
import { listingsFor } from "../engine-around.ts";
import { interruptible } from "../interruptible.ts";
import { modelTable, plainFacts } from "../model-rows.ts";
import { foldersOf, type Session } from "../session.ts";
import { memoryBytes } from "../surroundings.ts";

/** A model of the catalogue, or a file of one that is here. */
interface ListedFile {
  readonly name: string;
  readonly bytes: number;
  readonly license?: string;
  /** Whether this machine's memory carries it; absent where that is not known. */
  readonly fits?: boolean;
  /** Where it is, if it is here. */
  readonly path?: string;
}

/** Lists the models of every engine, the model files that are here, and what the catalogue has beside them. */
export async function listModels({ engine }: Extract<Command, { type: "list-models" }>, session: Session): Promise<number> {
  const { io, output } = session;
  const listings = await interruptible(io, (signal) => listingsFor(engine, session, signal));
  tellProblems(listings, session);
  const files = engine === undefined || engine.toLowerCase() === "embedded" ? filesHere(foldersOf(io).models, memoryBytes()) : [];
  const lines = output.json ? jsonOf(listings, files, session) : textOf(listings, files);
  for (const line of lines) io.stdout.write(`${line}\n`);
  await io.stdout.flushed();
  return 0;
}

/** What is cut off or cannot be read is said, never left out. */
export function tellProblems(listings: readonly Listing[], { narrator, secrets }: Session): void {
  for (const { problem } of listings) {
    if (problem !== undefined) narrator.line({ tone: "warning", text: plainText(redactText(problem, [...secrets])) });
  }
}

function jsonOf(listings: readonly Listing[], files: readonly ListedFile[], { secrets }: Session): readonly string[] {
  const served = listings.flatMap(({ found, models, problem }): readonly object[] => {
    const { engine, origin } = found;
    if (problem !== undefined) return [{ origin, problem: redactText(problem, [...secrets]) }];
    if (engine === undefined || engine.kind === "embedded") return [];
    return models.map((model) => {
      const fit = modelFit(engine, model, { memoryBytes: memoryBytes() })?.fit;
      return { name: model.id, engine: engine.kind, origin, ...plainFacts(model), ...(fit && { fits: fit !== "never" }) };
    });
  });
  const facts = (file: ListedFile): object => {
    const model = modelOf(file, listings);
    return model === undefined ? {} : { engine: "embedded", ...plainFacts(model), bytes: file.bytes };
  };
  return [...served, ...files.map((file) => ({ ...file, ...facts(file) }))].map((line) => JSON.stringify(line));
}

function textOf(listings: readonly Listing[], files: readonly ListedFile[]): readonly string[] {
  const groups = listings.flatMap(({ found, models }) => {
    if (found.engine === undefined || models.length === 0) return [];
    const { engine } = found;
    const rows = models.map((model) => ({ model, fit: modelFit(engine, model, { memoryBytes: memoryBytes() }) }));
    return [[engine.kind === "embedded" ? "The embedded engine" : engine.name, ...modelTable(rows)]];
  });
  const others = files.filter((file) => modelOf(file, listings) === undefined);
  if (others.length > 0) groups.push(["Model files for the embedded engine", ...fileTable(others)]);
  return groups.flatMap((group, at) => (at === 0 ? group : ["", ...group]));
}

/** What the embedded engine knows of a file that is here. */
function modelOf({ path }: ListedFile, listings: readonly Listing[]): EngineModel | undefined {
  const embedded = listings.find(({ found }) => found.engine?.kind === "embedded");
  return path === undefined ? undefined : embedded?.models.find(({ id }) => path.replace(/\.gguf$/iu, "").endsWith(id));
}

function filesHere(folder: string, memory: number): readonly ListedFile[] {
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

function fileTable(files: readonly ListedFile[]): readonly string[] {
  const rows = files.map(({ name, bytes, license, fits, path }) => {
    const state = path === undefined ? `massgen models pull ${name}` : "here, but it cannot be read as a model";
    return [plainText(name), sizeInWords(bytes), license ?? "", `${state}${fits === false ? " (too large here)" : ""}`];
  });
  return table(rows, ["left", "right"]);
}
