import { existsSync } from "node:fs";
import { dirname, extname, isAbsolute, join, resolve } from "node:path";
import { canonical } from "./canonical-tree.ts";
import { type Mapping, type Tree, treeOf, valueOf } from "./config-tree.ts";
import { configErrors, placeText, type Remark } from "./diagnostics.ts";
import { readTextFile } from "./read-text-file.ts";
import { shippedFile } from "./shipped-configs.ts";
import { parseSource } from "./yaml-source.ts";

/** One file, read but not checked. */
export interface ConfigFile {
  /** As it was named. */
  readonly file: string;
  readonly tree: Mapping;
  readonly profiles: ReadonlyMap<string, Mapping>;
  readonly remarks: readonly Remark[];
}

/**
 * Reads a config file and what it extends: JSON where its name ends so, YAML otherwise.
 * @returns the files, those that others stand on first
 * @throws MassgenError `config` for a file that is not there or no such text, with file, line and column
 */
export function readConfigFiles(file: string, text?: string): readonly ConfigFile[] {
  const files: ConfigFile[] = [];
  const read = (path: string, given: string | undefined, above: readonly string[]): void => {
    const { own, bases } = readOne(path, given ?? readTextFile(path, "config file"));
    for (const base of bases) {
      const there = baseFile(base.name, path);
      const around = [...above, resolve(path)];
      if (there === undefined) {
        throw configErrors([
          `${base.place}: extends: there is no config file ${base.name} beside ${path}, and none of that name comes with massgen.`,
        ]);
      }
      if (around.includes(resolve(there))) {
        throw configErrors([
          `${base.place}: extends goes in a circle: ${[...around.slice(around.indexOf(resolve(there))), resolve(there)].join(" extends ")}.`,
        ]);
      }
      if (!files.some((known) => resolve(known.file) === resolve(there))) read(there, undefined, around);
    }
    files.push(own);
  };
  read(file, text, []);
  return files;
}

interface One {
  readonly own: ConfigFile;
  readonly bases: readonly { readonly name: string; readonly place: string }[];
}

function readOne(file: string, text: string): One {
  const parsed = parseSource(file, text, extname(file).toLowerCase() === ".json" ? "JSON" : "YAML");
  if (parsed.type === "broken") throw configErrors([`${placeText(parsed.error)}: ${parsed.error.sentence}`]);
  const { value } = parsed.source;
  if (value === null || value === undefined) throw configErrors([`${file}: The file is empty; a config needs agent or agents.`]);
  const whole = treeOf(parsed.source);
  if (whole.type !== "mapping") {
    const is = Array.isArray(value) ? "a list" : "plain text";
    throw configErrors([`${placeText(parsed.source.place([]))}: A config is a mapping with agent or agents, not ${is}.`]);
  }
  const remarks: Remark[] = parsed.warnings.map(({ sentence, ...place }) => ({ level: "warning", place, sentence }));
  const own = canonical(without(whole, ["extends", "profiles"]));
  const profiles = profilesOf(whole.entries.get("profiles"), remarks);
  return {
    own: { file, tree: own.tree, profiles, remarks: [...remarks, ...own.remarks] },
    bases: basesOf(whole.entries.get("extends")),
  };
}

function without(tree: Mapping, keys: readonly string[]): Mapping {
  return { ...tree, entries: new Map([...tree.entries].filter(([key]) => !keys.includes(key))) };
}

function basesOf(value: Tree | undefined): One["bases"] {
  if (value === undefined || (value.type === "plain" && value.value === null)) return [];
  return (value.type === "list" ? value.items : [value]).map((item) => {
    const name = valueOf(item);
    const place = placeOf(item);
    if (typeof name === "string" && name.trim() !== "") return { name: name.trim(), place };
    throw configErrors([
      `${place}: extends must be the path of a config file, the name of one that comes with massgen, or a list of these.`,
    ]);
  });
}

function profilesOf(value: Tree | undefined, remarks: Remark[]): ReadonlyMap<string, Mapping> {
  const profiles = new Map<string, Mapping>();
  if (value === undefined || (value.type === "plain" && value.value === null)) return profiles;
  if (value.type !== "mapping")
    throw configErrors([`${placeOf(value)}: profiles must be a mapping of settings by the name of the profile.`]);
  for (const [name, profile] of value.entries) {
    if (profile.type !== "mapping") throw configErrors([`${placeOf(profile)}: The profile ${name} must be a mapping of settings.`]);
    const { tree, remarks: found } = canonical(profile);
    profiles.set(name, tree);
    remarks.push(...found);
  }
  return profiles;
}

function placeOf({ origin }: Tree): string {
  return placeText(origin.source.place(origin.path));
}

/** Beside the file that names it, else one that comes with massgen. */
function baseFile(name: string, from: string): string | undefined {
  const path = isAbsolute(name) ? name : join(dirname(from), name);
  return existsSync(path) ? path : shippedFile(name)?.path;
}
