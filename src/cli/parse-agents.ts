import { isBackendType, normalizeBackendName } from "../config/backend-names.ts";
import type { NamedAgent } from "../config/named-agents.ts";
import { usageError, type Words } from "./flags.ts";

/** A larger number after a colon is hardly a number of agents: it belongs to the name, as a tag does. */
const MOST_OF_ONE = 20;
const MOST_AGENTS = 100;

/** What `--models` and `--agents` say: names of models, and how many agents there are to be. `--agents` takes either. */
export interface AgentFlags {
  readonly named?: readonly NamedAgent[];
  readonly agents?: number;
}

/** Throws `MassgenError` for values that mean nothing, and for a list beside flags that say the same. */
export function agentFlags({ given }: Words): AgentFlags {
  const agents = given.get("agents")?.value;
  const isCount = agents !== undefined && /^[+-]?[\d.]+$/u.test(agents);
  const lists = [
    { flag: "models", names: given.get("models")?.value },
    { flag: "agents", names: isCount ? undefined : agents },
  ] as const;
  const [list, another] = lists.flatMap(({ flag, names }) => (names === undefined ? [] : [{ flag, names }]));
  const count = isCount ? { agents: agentCount(agents) } : {};
  if (list === undefined) return count;
  if (another !== undefined) throw usageError("--models and --agents both name models.", "Put them into one list.");
  const other = (["model", "cloud"] as const).find((name) => given.has(name));
  if (other !== undefined) {
    throw usageError(`--${list.flag} and --${other} exclude each other.`, "The list says who is asked: put it there.");
  }
  return { named: agentList(list.flag, list.names), ...count };
}

function agentCount(text: string): number {
  const count = /^\+?\d+$/u.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MOST_AGENTS) return count;
  throw usageError(`--agents takes a whole number from 1 to ${MOST_AGENTS}, or names of models with commas between, not "${text}".`);
}

/**
 * The agents in a list such as `qwen3:8b,openai:gpt-5-mini,phi4:3`: names of models, each perhaps with its backend before it, and with how many
 * there are to be of it behind. `name:3:1` is one of a model that is called `name:3`. One item for each agent.
 * @throws MassgenError `usage`, `config` for a backend that is still to come; both name the entry
 */
function agentList(flag: "models" | "agents", text: string): readonly NamedAgent[] {
  const entries = text.split(",").map((entry) => entry.trim());
  const agents = entries.flatMap((entry, index) => agentsOf(entry, `--${flag}, entry ${index + 1}${entry === "" ? "" : ` ("${entry}")`}`));
  if (agents.length > MOST_AGENTS) throw usageError(`--${flag} asks for ${agents.length} agents; the most are ${MOST_AGENTS}.`);
  return agents;
}

function agentsOf(entry: string, place: string): readonly NamedAgent[] {
  if (entry === "") throw usageError(`${place}, is empty.`);
  const { name, count } = counted(entry);
  if (count === 0) throw usageError(`${place} asks for no agent at all.`);
  const [head = "", ...rest] = name.split(":");
  const backend = normalizeBackendName(head);
  const model = rest.join(":");
  if (!isBackendType(backend)) return Array.from({ length: count }, () => ({ place, model: name }));
  if (rest.length > 0 && model === "") throw usageError(`${place} names no model after the colon.`);
  return Array.from({ length: count }, () => ({ place, backend, ...(model !== "" && { model }) }));
}

function counted(entry: string): { readonly name: string; readonly count: number } {
  const [, name, digits] = /^(.+):(\d+)$/u.exec(entry) ?? [];
  const count = Number(digits);
  return name === undefined || count > MOST_OF_ONE ? { name: entry, count: 1 } : { name, count };
}
