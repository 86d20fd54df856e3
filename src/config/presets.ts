import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Councils that come with massgen, as files people can copy. */
const FOLDER = join(import.meta.dirname, "..", "..", "presets");

function presetNames(): readonly string[] {
  return readdirSync(FOLDER).map((file) => file.replace(/\.yaml$/u, ""));
}

/**
 * The file that `--config` means: the one at this path, else the preset of this name.
 * @returns its path, and for a preset its name
 */
export function configFile(given: string): { readonly path: string; readonly preset?: string } {
  const name = given.replace(/\.ya?ml$/iu, "");
  const isName = /^[\w-]+$/u.test(name) && !existsSync(given);
  return isName && presetNames().includes(name) ? { path: join(FOLDER, `${name}.yaml`), preset: name } : { path: given };
}
