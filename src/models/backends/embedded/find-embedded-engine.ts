import { existsSync, readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as NodeLlamaCpp from "node-llama-cpp";

/** The module of the engine: a type here, imported for real only when a model is first needed. */
export type Engine = typeof NodeLlamaCpp;

/** The version this backend was written against and installs. */
export const EMBEDDED_ENGINE_VERSION = "3.22.1";

/** Where `installEmbedded` puts the engine under massgen's own folder of engines. */
export function embeddedEngineFolder(enginesDir: string): string {
  return join(enginesDir, "embedded");
}

/** An engine that is there, not yet loaded. */
export interface FoundEngine {
  /** The module to import, as a `file:` address. */
  readonly entry: string;
  readonly version: string;
  /** `package`: resolvable from massgen itself. `engines-folder`: added by `massgen engines add embedded`. */
  readonly source: "package" | "engines-folder";
}

function describe(packageJson: string, source: FoundEngine["source"]): FoundEngine | undefined {
  const { version } = JSON.parse(readFileSync(packageJson, "utf8")) as { readonly version: string };
  const entry = join(dirname(packageJson), "dist", "index.js");
  return existsSync(entry) ? { entry: pathToFileURL(entry).href, version, source } : undefined;
}

function besideMassgen(): FoundEngine | undefined {
  try {
    const packageJson = findPackageJSON("node-llama-cpp", import.meta.url);
    return packageJson === undefined ? undefined : describe(packageJson, "package");
  } catch {
    return undefined;
  }
}

/** Looks for the engine without loading it: first as a package beside massgen, then in massgen's own folder of engines. */
export function findEmbeddedEngine(enginesDir?: string): FoundEngine | undefined {
  const beside = besideMassgen();
  if (beside !== undefined || enginesDir === undefined) return beside;
  const packageJson = join(embeddedEngineFolder(enginesDir), "node_modules", "node-llama-cpp", "package.json");
  return existsSync(packageJson) ? describe(packageJson, "engines-folder") : undefined;
}
