import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { MassgenError } from "../core/errors.ts";
import { listed } from "../core/listed.ts";
import { nearest } from "../core/nearest.ts";

/** Councils that come with massgen, as files people can copy. */
const FOLDER = join(import.meta.dirname, "..", "..", "presets");

export function presetNames(): readonly string[] {
  return readdirSync(FOLDER).map((file) => file.replace(/\.yaml$/u, ""));
}

/**
 * The file that `--config` means: the one at this path, else the preset of this name.
 * @returns its path, and for a preset its name
 * @throws MassgenError `config` for a mere name that is neither
 */
export function configFile(given: string): { readonly path: string; readonly preset?: string } {
  const name = given.replace(/\.ya?ml$/iu, "");
  if (existsSync(given) || !/^[\w-]+$/u.test(name)) return { path: given };
  const presets = presetNames();
  if (presets.includes(name)) return { path: join(FOLDER, `${name}.yaml`), preset: name };
  if (given !== name) return { path: given };
  const meant = nearest(name, presets);
  throw new MassgenError("config", `There is no config file ${given}, and no preset has that name.`, {
    hint: meant === undefined ? `The presets are ${listed(presets)}.` : `Did you mean ${meant}?`,
  });
}
