import { MassgenError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { entryOf, idOf, type Mapping, type Tree, valueOf } from "./config-tree.ts";
import type { Layer } from "./config-layers.ts";
import { placeText } from "./diagnostics.ts";
import { isSecretKey, hidden } from "./hidden.ts";
import { schemaAt } from "./published-schema.ts";
import { secretsIn } from "./secrets-in.ts";

/** Something that says what a setting is to be. */
export interface Saying {
  /** As it is written: variables are not put in. Null takes away what is below. */
  readonly value: unknown;
  /** `project file`, `profile cheap`, `flags`. */
  readonly by: string;
  /** `massgen.yaml:3:5`, `MASSGEN_TIMEOUT`, `--timeout`. */
  readonly place: string;
}

export interface Explained {
  readonly key: string;
  readonly meaning?: string;
  /** The default in words or as it is; absent where there is none, or where it is not known here. */
  readonly usual?: unknown;
  /** What counts; absent: the default. */
  readonly won?: Saying;
  /** What it goes before, the nearest first. */
  readonly overrode: readonly Saying[];
}

/**
 * Says where a setting comes from: `orchestrator.timeout`, `agents.critic.backend.model`. Of a section, each setting in it that somebody set.
 * @throws MassgenError `usage` for what is no setting
 */
export function explain(key: string, layers: readonly Layer[]): readonly Explained[] {
  const path = pathOf(key, layers);
  const { schema, names } = schemaAt(path);
  const inside = leavesUnder(path, layers);
  const isLeaf = inside.some((leaf) => leaf.length === path.length);
  if (inside.length === 0 && schema === undefined) throw unknownKey(key, path, names);
  if (isLeaf || (inside.length === 0 && schema?.properties === undefined)) return [explained(path, layers)];
  return inside.map((leaf) => explained(leaf, layers));
}

function explained(path: readonly string[], layers: readonly Layer[]): Explained {
  const { schema } = schemaAt(path);
  const usual = schema?.["default"] ?? schema?.["x-usual"];
  const [won, ...overrode] = sayings(path, layers);
  return {
    key: path.join("."),
    ...(schema?.description !== undefined && { meaning: schema.description }),
    ...(usual !== undefined && { usual }),
    ...(won !== undefined && { won }),
    overrode,
  };
}

/** The highest first. */
function sayings(path: readonly string[], layers: readonly Layer[]): readonly Saying[] {
  return layers.toReversed().flatMap(({ title, tree }): readonly Saying[] => {
    const found = at(tree, path);
    if (found === undefined) return [];
    const written = valueOf(found);
    const value = isSecretKey(path.at(-1) ?? "") && typeof written === "string" ? hiddenText(written) : hiddenIn(path, written);
    return [{ value, by: title, place: placeText(found.origin.source.place(found.origin.path)) }];
  });
}

/** What is secret depends on the names that a value stands under. Of secrets that come from variables the names are shown. */
function hiddenIn(path: readonly string[], value: unknown): unknown {
  const whole = path.reduceRight<unknown>((inside, step) => ({ [step]: inside }), value);
  return hidden(
    value,
    secretsIn(whole).filter((secret) => !isReference(secret)),
  );
}

/** The name of a variable is no secret. */
function hiddenText(value: unknown): unknown {
  return isReference(String(value)) ? value : "(hidden)";
}

function isReference(text: string): boolean {
  return /^\$\{\w+\}$/u.test(text);
}

/** Every setting at or below a place that some layer says something of. */
function leavesUnder(path: readonly string[], layers: readonly Layer[]): readonly (readonly string[])[] {
  const leaves = new Map<string, readonly string[]>();
  const walk = (tree: Tree, here: readonly string[]): void => {
    if (tree.type === "mapping" && tree.entries.size > 0) for (const [key, entry] of tree.entries) walk(entry, [...here, key]);
    else if (here.length === 1 && here[0] === "agents" && tree.type === "list") {
      for (const [index, item] of tree.items.entries()) walk(item, [...here, idOf(item) ?? `agent${index + 1}`]);
    } else leaves.set(JSON.stringify(here), here);
  };
  for (const { tree } of layers) {
    const found = at(tree, path);
    if (found !== undefined) walk(found, path);
  }
  return [...leaves.values()];
}

function at(tree: Mapping, path: readonly string[]): Tree | undefined {
  const [first, id, ...rest] = path;
  if (first !== "agents" || id === undefined) return entryOf(tree, ...path);
  const agents = tree.entries.get("agents");
  const agent =
    agents?.type === "list" ? agents.items.find((item, index) => (idOf(item) ?? `agent${index + 1}`) === id) : entryOf(agents, id);
  return entryOf(agent, ...rest);
}

/** The steps of a key in the one spelling; ids may hold full stops. */
function pathOf(key: string, layers: readonly Layer[]): readonly string[] {
  const steps = key
    .trim()
    .replaceAll(/\[(\w+)\]/gu, ".$1")
    .split(".");
  const spelled = renamed.find(([name]) => key === name || key.startsWith(`${name}.`));
  if (spelled !== undefined) return pathOf(`${spelled[1]}${key.slice(spelled[0].length)}`, layers);
  if (steps[0] !== "agents" && steps[0] !== "agent") return steps;
  const ids = idsOf(layers);
  const rest = steps.slice(1).join(".");
  if (steps[0] === "agent") return ["agents", ids[0] ?? "agent1", ...steps.slice(1)];
  if (rest === "") return ["agents"];
  const id = ids.toSorted((one, other) => other.length - one.length).find((name) => rest === name || rest.startsWith(`${name}.`));
  const byPlace = ids[Number(steps[1])];
  if (id === undefined && byPlace !== undefined) return ["agents", byPlace, ...steps.slice(2)];
  if (id === undefined) throw unknownAgent(steps[1] ?? "", ids);
  return [
    "agents",
    id,
    ...rest
      .slice(id.length + 1)
      .split(".")
      .filter((step) => step !== ""),
  ];
}

/** Other spellings of the same, as in `canonical-tree.ts`. */
const renamed = [
  ["display", "ui"],
  ["ui.type", "ui.display_type"],
  ["orchestrator.max_new_answers_per_agent", "orchestrator.max_answers"],
  ["timeout_settings.orchestrator_timeout_seconds", "orchestrator.timeout"],
] as const;

function idsOf(layers: readonly Layer[]): readonly string[] {
  const ids = layers.flatMap(({ tree }) => {
    const agents = tree.entries.get("agents");
    if (agents?.type === "list") return agents.items.map((item, index) => idOf(item) ?? `agent${index + 1}`);
    return agents?.type === "mapping" ? [...agents.entries.keys()] : [];
  });
  return [...new Set(ids)];
}

function unknownAgent(id: string, ids: readonly string[]): MassgenError {
  const meant = nearest(id, ids);
  const there = ids.length === 0 ? "No config here names agents." : `There is ${ids.join(", ")}.`;
  return new MassgenError("usage", `No agent has the id "${id}".`, { hint: meant === undefined ? there : `Did you mean agents.${meant}?` });
}

function unknownKey(key: string, path: readonly string[], names: readonly string[]): MassgenError {
  const meant = nearest(path.at(-1) ?? "", names);
  const around = path.slice(0, -1).join(".");
  const hint = meant === undefined ? `There is ${names.join(", ")}.` : `Did you mean ${around === "" ? "" : `${around}.`}${meant}?`;
  return new MassgenError("usage", `There is no setting ${key}.`, names.length === 0 ? {} : { hint });
}
