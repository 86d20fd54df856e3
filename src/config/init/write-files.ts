import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { MassgenError } from "../../core/errors.ts";

export interface ConfigFile {
  readonly path: string;
  readonly text: string;
  /** Whether a file that is there may be replaced. */
  readonly force: boolean;
}

/** Throws `config` where the file is there already and may not be replaced. */
export function requireFree({ path, force }: Pick<ConfigFile, "path" | "force">): void {
  if (force || !existsSync(path)) return;
  throw new MassgenError("config", `${path} is there already, and nothing was changed.`, {
    hint: "--force replaces it; massgen init FILE writes another one.",
  });
}

/**
 * Writes a config whole or not at all, and keys beside it: into `.env`, readable by this user alone, after what is there.
 * @param keys by variable
 * @throws MassgenError `config`, `disk`
 */
export function writeFiles(config: ConfigFile, keys: Readonly<Record<string, string>>): void {
  requireFree(config);
  try {
    if (Object.keys(keys).length > 0) addKeys(join(dirname(config.path), ".env"), keys);
    replace(config.path, config.text, 0o644);
  } catch (error) {
    throw new MassgenError("disk", `${config.path} cannot be written: ${(error as Error).message}.`, {
      hint: "Choose another place.",
      cause: error,
    });
  }
}

/** A variable that is there already is replaced. */
function addKeys(path: string, keys: Readonly<Record<string, string>>): void {
  const before = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
  const kept = before.filter((line) => !Object.keys(keys).some((name) => new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=`, "u").test(line)));
  const lines = [...kept.join("\n").trimEnd().split("\n"), ...Object.entries(keys).map(([name, key]) => `${name}=${JSON.stringify(key)}`)];
  replace(path, `${lines.filter((line, index) => index > 0 || line !== "").join("\n")}\n`, 0o600);
}

function replace(path: string, text: string, mode: number): void {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, text, { mode });
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}
