import { isMapping } from "./interpolate.ts";
import type { Path, Source } from "./yaml-source.ts";

/** Where a value was written: a file (or what stands for one) and the steps from its top. */
export interface Origin {
  readonly source: Source;
  readonly path: Path;
}

/** Values of several files as one, each knowing where it was written. A mapping keeps the order of its keys, also of numbers. */
export type Tree =
  | { readonly type: "mapping"; readonly entries: ReadonlyMap<string, Tree>; readonly origin: Origin }
  | { readonly type: "list"; readonly items: readonly Tree[]; readonly origin: Origin }
  | { readonly type: "plain"; readonly value: unknown; readonly origin: Origin };

export type Mapping = Extract<Tree, { readonly type: "mapping" }>;

export function treeOf(source: Source): Tree {
  const grow = (value: unknown, path: Path): Tree => {
    const origin = { source, path };
    if (Array.isArray(value)) return { type: "list", items: value.map((item, index) => grow(item, [...path, index])), origin };
    if (!isMapping(value)) return { type: "plain", value, origin };
    const entries = source.keys(path, Object.keys(value)).map((key) => [key, grow(value[key], [...path, key])] as const);
    return { type: "mapping", entries: new Map(entries), origin };
  };
  return grow(source.value, []);
}

/** Mappings become one, key by key; of anything else the upper stands. A null stays: it takes away what is below. */
export function merged(below: Tree, above: Tree): Tree {
  if (below.type !== "mapping" || above.type !== "mapping") return above;
  const entries = new Map(below.entries);
  for (const [key, value] of above.entries) {
    const under = entries.get(key);
    entries.set(key, under === undefined ? value : merged(under, value));
  }
  return { ...above, entries };
}

/** The mapping with this entry instead; without it where there is none. */
export function withEntry(mapping: Mapping, key: string, entry: Tree | undefined): Mapping {
  const entries = new Map(mapping.entries);
  if (entry === undefined) entries.delete(key);
  else entries.set(key, entry);
  return { ...mapping, entries };
}

export function entryOf(tree: Tree | undefined, ...steps: readonly string[]): Tree | undefined {
  let found = tree;
  for (const step of steps) found = found?.type === "mapping" ? found.entries.get(step) : undefined;
  return found;
}

export function valueOf(tree: Tree): unknown {
  if (tree.type === "plain") return tree.value;
  if (tree.type === "list") return tree.items.map(valueOf);
  return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, valueOf(entry)]));
}

/** The tree as a source: each place is one in the file that the value came from. */
export function sourceOf(tree: Tree): Source {
  const find = (path: Path): Origin => {
    let node = tree;
    for (const [depth, step] of path.entries()) {
      const next = node.type === "list" ? node.items[Number(step)] : node.type === "mapping" ? node.entries.get(String(step)) : undefined;
      if (next === undefined) return { source: node.origin.source, path: [...node.origin.path, ...path.slice(depth)] };
      node = next;
    }
    return node.origin;
  };
  const mappingAt = (path: Path): Tree | undefined => entryOf(tree, ...path.map(String));
  return {
    value: valueOf(tree),
    place(path, what) {
      const origin = find(path);
      return origin.source.place(origin.path, what);
    },
    written(path) {
      const origin = find(path);
      return origin.source.written(origin.path);
    },
    keys(path, keys) {
      const mapping = mappingAt(path);
      return mapping?.type === "mapping" ? [...mapping.entries.keys()].filter((key) => keys.includes(key)) : keys;
    },
  };
}

/** Of an agent, as it is written: `007` stays `007`. */
export function idOf(agent: Tree): string | undefined {
  const id = entryOf(agent, "id");
  if (id === undefined) return undefined;
  const value = valueOf(id);
  if (typeof value === "string") return value.trim();
  return typeof value === "number" || typeof value === "boolean" ? (id.origin.source.written(id.origin.path) ?? String(value)) : undefined;
}
