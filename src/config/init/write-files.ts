import { accessSync, constants, existsSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseEnv } from "node:util";
import { MassgenError } from "../../core/errors.ts";

export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  /** Whether a file that is there may be replaced. */
  readonly force: boolean;
}

/** Throws `config` where the file is there already and may not be replaced, `disk` where there is no folder that takes it. */
export function requireFree({ path, force }: Pick<ConfigFile, "path" | "force">): void {
  const folder = dirname(path);
  const [above, there] = [statOf(folder), statOf(path)];
  if (above?.isDirectory() !== true) {
    throw new MassgenError("disk", `${path} cannot be written: there is no folder ${folder}.`, {
      hint: `Make it first: mkdir -p ${folder}`,
    });
  }
  if (there?.isDirectory() === true) {
    throw new MassgenError("config", `${path} is a folder.`, { hint: "Name a file in it: massgen init FOLDER/massgen.yaml" });
  }
  if (there !== undefined && !force) {
    throw new MassgenError("config", `${path} is there already, and nothing was changed.`, {
      hint: "--force replaces it; massgen init FILE writes another one.",
    });
  }
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw unwritable(path, error);
  }
}

const statOf = (path: string) => statSync(path, { throwIfNoEntry: false });

/**
 * Writes a config and, where there are keys, `.env` beside it: readable by this user alone, with what was there before. Nothing is changed before
 * all of it is on the disk.
 * @param keys by variable
 * @throws MassgenError `config`, `disk`
 */
export function writeFiles(config: ConfigFile, keys: Readonly<Record<string, string>>): void {
  requireFree(config);
  const drafts: { readonly draft: string; readonly path: string }[] = [];
  const write = (given: string, text: string, mode: number): void => {
    const path = existsSync(given) ? realpathSync(given) : given;
    const draft = `${path}.${process.pid}.tmp`;
    drafts.push({ draft, path });
    writeFileSync(draft, text, { mode });
  };
  try {
    const env = envFileOf(config.path);
    if (Object.keys(keys).length > 0) write(env, withKeys(textOf(env), keys), 0o600);
    write(config.path, config.text, 0o644);
    for (const { draft, path } of drafts) renameSync(draft, path);
  } catch (error) {
    throw unwritable(config.path, error);
  } finally {
    for (const { draft } of drafts) rmSync(draft, { force: true });
  }
}

/** Where the keys of a config are kept. */
export function envFileOf(config: string): string {
  return join(dirname(config), ".env");
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EISDIR: "the .env beside it is a folder",
};

function unwritable(path: string, error: unknown): Error {
  const { code = "" } = error as NodeJS.ErrnoException;
  return new MassgenError("disk", `${path} cannot be written: ${reasons[code] ?? `the system says ${code}`}.`, {
    hint: "Choose another place.",
    cause: error,
  });
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

/** A variable that is there already is replaced where it stands, as an empty one in a file to fill in. */
function withKeys(text: string, keys: Readonly<Record<string, string>>): string {
  const lines = text.trimEnd() === "" ? [] : text.trimEnd().split("\n");
  for (const [name, key] of Object.entries(keys)) {
    const place = lines.findIndex((line) => new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=`, "u").test(line));
    lines.splice(place === -1 ? lines.length : place, place === -1 ? 0 : 1, `${name}=${quoted(key)}`);
  }
  return `${lines.join("\n")}\n`;
}

/** As readers of such files take it, who know no escapes. */
function quoted(key: string): string {
  const forms = [key, `'${key}'`, `"${key}"`, `\`${key}\``];
  return forms.find((form) => parseEnv(`KEY=${form}`)["KEY"] === key) ?? key;
}
