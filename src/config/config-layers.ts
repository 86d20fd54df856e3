import { MassgenError } from "../core/errors.ts";
import { listed } from "../core/listed.ts";
import { nearest } from "../core/nearest.ts";
import { type ConfigFile, readConfigFiles } from "./config-file.ts";
import { idOf, type Mapping, merged, sourceOf, type Tree, treeOf, withEntry } from "./config-tree.ts";
import type { Remark } from "./diagnostics.ts";
import type { Environment } from "./interpolate.ts";
import { outsideSettings, variableOf } from "./outside-settings.ts";
import type { Path, Source } from "./yaml-source.ts";

/** What says something about a council; a later one goes before an earlier one. */
export interface Layer {
  /** For people: `user file`, `project file`, `base of the config file`, `profile cheap`, `environment`, `flags`. */
  readonly title: string;
  readonly tree: Mapping;
  /** Whether its agents by id change those below; else they take their place. */
  readonly changesAgents: boolean;
}

/** A file that was found or named, and why it counts. */
export interface NamedFile {
  readonly title: "user file" | "project file" | "config file";
  readonly path: string;
  /** What it holds, where it was read already. */
  readonly text?: string;
}

/** Where settings come from, lowest first. */
export interface LayersRequest {
  readonly files: readonly NamedFile[];
  readonly profile?: { readonly name: string; /** `--profile` or the variable. */ readonly from: string };
  /** Variables that hold settings; absent: none are looked at. */
  readonly environment?: Environment;
  /** Settings by flag, as they were typed: `{ timeout: "5m" }`. */
  readonly flags?: Readonly<Record<string, string>>;
}

export interface Layers {
  readonly layers: readonly Layer[];
  readonly remarks: readonly Remark[];
  /** The names of the profiles that the files have. */
  readonly profiles: readonly string[];
}

/** Reads all that has a say. Throws `MassgenError("config")` as `readConfigFiles` does, and for a profile that no file has. */
export function readLayers({ files, profile, environment = {}, flags = {} }: LayersRequest): Layers {
  const chains = files.map(({ title, path, text }) => ({ title, chain: readConfigFiles(path, text) }));
  const all = chains.flatMap(({ chain }) => chain);
  const names = [...new Set(all.flatMap(({ profiles }) => [...profiles.keys()]))];
  const variables = Object.keys(outsideSettings).flatMap((flag): readonly Setting[] => {
    const value = environment[variableOf(flag)]?.trim() ?? "";
    return value === "" ? [] : [{ flag, value, from: variableOf(flag) }];
  });
  const typed = Object.entries(flags).map(([flag, value]): Setting => ({ flag, value, from: `--${flag}` }));
  return {
    layers: [
      ...chains.flatMap(({ title, chain }) =>
        chain.map((file, at): Layer => ({
          title: at < chain.length - 1 ? `base of the ${title}` : title,
          tree: file.tree,
          changesAgents: at > 0,
        })),
      ),
      ...(profile === undefined ? [] : profileLayers(profile, all, names)),
      ...settingsLayer("environment", variables),
      ...settingsLayer("flags", typed),
    ],
    remarks: all.flatMap(({ remarks }) => remarks),
    profiles: names,
  };
}

function profileLayers(
  { name, from }: NonNullable<LayersRequest["profile"]>,
  files: readonly ConfigFile[],
  names: readonly string[],
): readonly Layer[] {
  const found = files.flatMap(({ profiles }) => profiles.get(name) ?? []);
  if (found.length > 0) return found.map((tree) => ({ title: `profile ${name}`, tree, changesAgents: true }));
  const meant = nearest(name, names);
  throw new MassgenError("config", `There is no profile "${name}" (${from})${names.length === 0 ? ": no config here has profiles" : ""}.`, {
    ...(names.length > 0 && { hint: meant === undefined ? `There is ${listed(names)}.` : `Did you mean ${meant}?` }),
  });
}

interface Setting {
  readonly flag: string;
  readonly value: string;
  readonly from: string;
}

function settingsLayer(title: string, settings: readonly Setting[]): readonly Layer[] {
  if (settings.length === 0) return [];
  const trees = settings.map(({ flag, value, from }) => {
    const [section, key] = outsideSettings[flag] as readonly [string, string];
    return treeOf(outsideSource(from, { [section]: { [key]: value } })) as Mapping;
  });
  return [{ title, tree: trees.reduce((below, above) => merged(below, above) as Mapping), changesAgents: false }];
}

/** What is written in no file: its place is its name. */
function outsideSource(name: string, value: unknown): Source {
  const at = (path: Path): unknown =>
    path.reduce<unknown>((inside, step) => (inside as Record<PropertyKey, unknown> | undefined)?.[step], value);
  return {
    value,
    place: () => ({ file: name, line: 0, column: 0 }),
    written(path) {
      const found = at(path);
      return typeof found === "string" ? found : undefined;
    },
    keys: (_, keys) => keys,
  };
}

/** All layers as one. */
export function stacked(layers: readonly Layer[]): Source {
  const [first, ...rest] = layers;
  if (first === undefined) return outsideSource("config", {});
  return sourceOf(rest.reduce((below, layer) => stackedOn(below, layer), first.tree));
}

function stackedOn(below: Mapping, { tree: above, changesAgents }: Layer): Mapping {
  const [under, over] = [below.entries.get("agents"), above.entries.get("agents")];
  if (under === undefined || over === undefined || over.type !== "mapping") return merged(below, above) as Mapping;
  const joined = changesAgents ? merged(byId(under), over) : over;
  return withEntry(merged(below, above) as Mapping, "agents", joined);
}

/** Agents of a list by their ids, so that others can change them. One that repeats an id keeps a key of its own, and is found out later. */
function byId(agents: Tree): Tree {
  if (agents.type !== "list") return agents;
  const entries = new Map<string, Tree>();
  for (const [at, item] of agents.items.entries()) {
    const id = idOf(item) ?? `agent${at + 1}`;
    entries.set(entries.has(id) ? `${id} (${at + 1})` : id, item);
  }
  return { type: "mapping", entries, origin: agents.origin };
}
