import type { Remark } from "./diagnostics.ts";
import { laterDisplays } from "./later-keys.ts";
import { entryOf, type Mapping, type Tree, withEntry } from "./config-tree.ts";
import type { Place } from "./yaml-source.ts";

/** A file in the one spelling that everything after this knows, and what was spelled otherwise. */
export interface Canonical {
  readonly tree: Mapping;
  readonly remarks: readonly Remark[];
}

interface Rename {
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** What to tell, if anything. */
  readonly note?: string;
}

/** Names that files of MassGen use for the same thing. Each keeps the place where it was written. */
const renames: readonly Rename[] = [
  { from: ["display", "type"], to: ["display", "display_type"] },
  { from: ["display"], to: ["ui"], note: "display is read as ui, its name in MassGen." },
  { from: ["ui", "type"], to: ["ui", "display_type"], note: "type of ui is read as display_type." },
  { from: ["orchestrator", "max_new_answers_per_agent"], to: ["orchestrator", "max_answers"] },
  { from: ["timeout_settings", "orchestrator_timeout_seconds"], to: ["orchestrator", "timeout"] },
  { from: ["timeout_settings", "agent_timeout_seconds"], to: ["orchestrator", "agent_timeout"] },
];

export function canonical(given: Mapping): Canonical {
  const remarks: Remark[] = [];
  let tree = withTimesTogether(given);
  for (const rename of renames) tree = renamed(tree, rename, remarks);
  tree = withoutTimeouts(tree, remarks);
  tree = withKnownDisplay(tree, remarks);
  return { tree: withAgentsInOrder(tree, remarks), remarks };
}

function renamed(tree: Mapping, { from, to, note }: Rename, remarks: Remark[]): Mapping {
  const found = present(entryOf(tree, ...from));
  if (found === undefined) return tree;
  const place = keyPlace(found);
  if (present(entryOf(tree, ...to)) !== undefined) {
    const [one, other] = [from.join("."), to.join(".")];
    remarks.push({ level: "error", place, sentence: `${one} and ${other} are both there; they mean the same.` });
    return without(tree, from);
  }
  if (note !== undefined) remarks.push({ level: "note", place, sentence: note });
  return set(without(tree, from), to, found);
}

/** Later versions also keep times in a mapping `orchestrator.timeout`. */
function withTimesTogether(tree: Mapping): Mapping {
  const times = entryOf(tree, "orchestrator", "timeout");
  if (times?.type !== "mapping" || tree.entries.has("timeout_settings")) return tree;
  return withEntry(without(tree, ["orchestrator", "timeout"]), "timeout_settings", times);
}

/** What is left of the sections in which later versions keep times: nothing that this one could do. */
function withoutTimeouts(tree: Mapping, remarks: Remark[]): Mapping {
  const rest = tree.entries.get("timeout_settings");
  if (rest?.type !== "mapping") return tree;
  for (const [key, entry] of rest.entries) {
    remarks.push({
      level: "warning",
      place: keyPlace(entry),
      sentence: `${key} of timeout_settings is a setting of a later MassGen and ignored.`,
    });
  }
  return withEntry(tree, "timeout_settings", undefined);
}

function withKnownDisplay(tree: Mapping, remarks: Remark[]): Mapping {
  const display = entryOf(tree, "ui", "display_type");
  const name = display?.type === "plain" ? display.value : undefined;
  if (display === undefined || !(laterDisplays as readonly unknown[]).includes(name)) return tree;
  const sentence = `The display ${String(name)} is one of a later MassGen; rich_terminal takes its place.`;
  remarks.push({ level: "warning", place: display.origin.source.place(display.origin.path), sentence });
  return set(tree, ["ui", "display_type"], { ...display, type: "plain", value: "rich_terminal" });
}

/** `agent` becomes a list of one. Later versions also take the persona inside `backend`. */
function withAgentsInOrder(tree: Mapping, remarks: Remark[]): Mapping {
  const [agent, agents] = ["agent", "agents"].map((name) => present(tree.entries.get(name)));
  const rest = withEntry(tree, "agent", undefined);
  if (agent !== undefined && agents !== undefined) {
    remarks.push({ level: "error", place: keyPlace(agent), sentence: "agent and agents are both there; a config has one of them." });
  }
  if (agents === undefined) {
    const one: Tree | undefined = agent && { type: "list", items: [withOwnPersona(agent, remarks)], origin: agent.origin };
    return withEntry(rest, "agents", one);
  }
  if (agents.type === "plain") return rest;
  const all: Tree =
    agents.type === "list"
      ? { ...agents, items: agents.items.map((entry) => withOwnPersona(entry, remarks)) }
      : { ...agents, entries: new Map([...agents.entries].map(([id, entry]) => [id, withOwnPersona(entry, remarks)])) };
  return withEntry(rest, "agents", all);
}

function withOwnPersona(agent: Tree, remarks: Remark[]): Tree {
  const inside = present(entryOf(agent, "backend", "system_message"));
  if (agent.type !== "mapping" || inside === undefined) return agent;
  const hasOwn = agent.entries.has("system_message");
  const sentence = hasOwn
    ? "system_message of backend is ignored: the agent has its own."
    : "system_message of backend is read as that of the agent.";
  remarks.push({ level: hasOwn ? "warning" : "note", place: keyPlace(inside), sentence });
  const rest = without(agent, ["backend", "system_message"]);
  return hasOwn ? rest : withEntry(rest, "system_message", inside);
}

function without(tree: Mapping, path: readonly string[]): Mapping {
  const [step = "", ...rest] = path;
  if (rest.length === 0) return withEntry(tree, step, undefined);
  const inner = tree.entries.get(step);
  return inner?.type === "mapping" ? withEntry(tree, step, without(inner, rest)) : tree;
}

function set(tree: Mapping, path: readonly string[], value: Tree): Mapping {
  const [step = "", ...rest] = path;
  if (rest.length === 0) return withEntry(tree, step, value);
  const inner = tree.entries.get(step);
  const into: Mapping = inner?.type === "mapping" ? inner : { type: "mapping", entries: new Map(), origin: value.origin };
  return withEntry(tree, step, set(into, rest, value));
}

/** A null is as good as nothing. */
function present(tree: Tree | undefined): Tree | undefined {
  return tree?.type === "plain" && (tree.value === null || tree.value === undefined) ? undefined : tree;
}

function keyPlace({ origin }: Tree): Place {
  return origin.source.place(origin.path, "key");
}
