import { basename, resolve } from "node:path";
import { existsSync, statSync } from "node:fs";
import { findEmbeddedEngine } from "../../models/backends/embedded/find-embedded-engine.ts";
import { type ModelFile, modelFilesIn } from "../../models/engines/embedded/embedded-models.ts";
import type { EngineModel } from "../../models/engines/engine.ts";
import { findInCatalogue, sizeInWords } from "../../models/files/catalogue.ts";
import { readGgufHeader } from "../../models/files/gguf-header.ts";
import { nearestOf } from "../../core/nearest.ts";
import type { Around } from "../engines-here.ts";
import type { BackendConfig } from "../schema.ts";
import type { Finding } from "./check.ts";

interface LookedAt {
  readonly finding: Finding;
  readonly model?: EngineModel;
}

/** Whether the embedded engine and the model file of an agent are here; fetches nothing. */
export function checkEmbeddedBackend({ model: wanted }: BackendConfig, around: Around): LookedAt {
  const { folders } = around;
  const engine = findEmbeddedEngine(folders.engines);
  if (engine === undefined) return failed("The embedded engine is not installed", "massgen engines add embedded");
  const files = modelFilesIn(folders.models);
  if (wanted === undefined) {
    if (files.length > 0) return { finding: { status: "ok", text: "takes the largest model file that this machine carries" } };
    return failed("has no model file yet", "massgen models list shows what can be pulled.");
  }
  const model = modelNamed(wanted, files, around);
  if (model === "unreadable") return failed(`${wanted} is no model file`, "Name a file in GGUF format.");
  if (model === undefined) return failed(`its model ${wanted} is not here`, hintFor(wanted, files, folders.models));
  const size = model.sizeBytes === undefined ? "" : ` (${sizeInWords(model.sizeBytes.value)})`;
  return { model, finding: { status: "ok", text: `its model file ${model.id}${size} is here; engine version ${engine.version}` } };
}

function failed(text: string, hint: string): LookedAt {
  return { finding: { status: "failed", text, hint } };
}

/** By its name in the catalogue, its file's name, or a path. */
function modelNamed(wanted: string, files: readonly ModelFile[], { environment }: Around): EngineModel | "unreadable" | undefined {
  const file = (findInCatalogue(wanted)?.file ?? wanted).toLowerCase();
  const here = files.find(({ path }) => [file, `${file}.gguf`].includes(basename(path).toLowerCase()));
  if (here !== undefined) return here.model;
  const path = resolve(wanted.replace(/^~(?=[/\\])/u, environment["HOME"] ?? "~"));
  return existsSync(path) ? modelAt(path) : undefined;
}

function hintFor(wanted: string, files: readonly ModelFile[], folder: string): string {
  const known = findInCatalogue(wanted);
  if (known !== undefined) return `massgen models pull ${known.name} (${sizeInWords(known.bytes)})`;
  const names = files.map(({ model: { id } }) => id);
  const meant = nearestOf(wanted, names);
  return meant === undefined ? `It belongs into ${folder}.` : `Did you mean ${meant}?`;
}

function modelAt(path: string): EngineModel | "unreadable" {
  try {
    const { contextTokens, contextBytesPerToken } = readGgufHeader(path);
    const source = "the file";
    return {
      id: basename(path),
      sizeBytes: { value: statSync(path).size, source },
      ...(contextTokens && { contextTrained: { value: contextTokens, source } }),
      ...(contextBytesPerToken && { contextBytesPerToken: { value: contextBytesPerToken, source } }),
    };
  } catch {
    return "unreadable";
  }
}
