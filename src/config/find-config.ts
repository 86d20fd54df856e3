import { existsSync } from "node:fs";
import { MassgenError } from "../core/errors.ts";
import { listed } from "../core/listed.ts";
import { nearest } from "../core/nearest.ts";
import { similarFile } from "./read-text-file.ts";
import { presetNames, shippedConfigs, shippedFile } from "./shipped-configs.ts";

/** Where the file is that somebody named, and what to tell of it. */
export interface FoundConfig {
  readonly path: string;
  /** The name of a council that comes with massgen. */
  readonly shipped?: string;
  /** A line to tell where this is not the file that was asked for by its path. */
  readonly notice?: string;
}

/**
 * The file that `--config` means: the one at this path, else the council of this name that comes with massgen.
 * @throws MassgenError `config` where there is neither
 */
export function findConfig(given: string): FoundConfig {
  if (existsSync(given)) return { path: given };
  const shipped = shippedFile(given);
  if (shipped !== undefined) return { path: shipped.path, shipped: shipped.name, notice: noticeOf(given, shipped) };
  throw missing(given);
}

function noticeOf(given: string, { name, path, kind }: NonNullable<ReturnType<typeof shippedFile>>): string {
  if (given !== name) return `There is no file ${given}: the council ${name} that comes with massgen takes its place (${path}).`;
  return kind === "presets" ? `The preset ${name}: ${path}` : `The council ${name} that comes with massgen: ${path}`;
}

function missing(given: string): MassgenError {
  const names = shippedConfigs().map(({ name }) => name);
  const isName = /^[\w.-]+$/u.test(given) && !/\.(ya?ml|json)$/iu.test(given);
  if (!isName)
    return new MassgenError("config", `There is no config file ${given}, and none of that name comes with massgen.`, similarFile(given));
  const meant = nearest(given, names);
  return new MassgenError("config", `There is no config file ${given}, and no council that comes with massgen has that name.`, {
    hint: meant === undefined ? `The presets are ${listed(presetNames())}; massgen config list shows all.` : `Did you mean ${meant}?`,
  });
}
