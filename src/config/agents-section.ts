import { readBackend } from "./backend-section.ts";
import { checkKeys, checkShape, type Diagnostics, type Section } from "./diagnostics.ts";
import { isMapping } from "./interpolate.ts";
import { laterKeys } from "./later-keys.ts";
import { type McpServerConfig, readAgentServers, readMcpServers } from "./mcp-section.ts";
import { withoutMix } from "./mixed-tools.ts";
import { type AgentConfig, agentSchema } from "./schema.ts";
import type { Path } from "./yaml-source.ts";

interface Entry {
  readonly value: unknown;
  readonly path: Path;
  /** The id where the entry itself names none. */
  readonly defaultId: string;
}

const fields = agentSchema.omit({ backend: true, mcp_servers: true });

/** Reads `agents` (a list, or a mapping by id) of a config, reporting what is wrong; none at all may be wrong, too. */
export function readAgents(
  config: Readonly<Record<string, unknown>>,
  diagnostics: Diagnostics,
  areNeeded: boolean,
): readonly AgentConfig[] {
  const entries = entriesOf(config, diagnostics, areNeeded);
  const shared = readMcpServers(config["mcp_servers"], { diagnostics, path: ["mcp_servers"], of: "" });
  const ids = new Map<string, string>();
  return entries.flatMap((entry) => {
    const id = idOf(entry, diagnostics);
    const idPath = Object.hasOwn(entry.value ?? {}, "id") ? [...entry.path, "id"] : entry.path;
    const other = ids.get(id);
    if (other !== undefined) diagnostics.error(idPath, `The id "${id}" is taken already, at ${other}.`, "key");
    ids.set(id, diagnostics.placeOf(idPath));
    return readAgent(entry, id, { diagnostics, shared });
  });
}

function entriesOf({ agents }: Readonly<Record<string, unknown>>, diagnostics: Diagnostics, areNeeded: boolean): readonly Entry[] {
  if (Array.isArray(agents) && agents.length > 0) {
    return agents.map((value, index) => ({ value, path: ["agents", index], defaultId: `agent${index + 1}` }));
  }
  if (isMapping(agents) && Object.keys(agents).length > 0) {
    // The order counts (a tie goes to the first), and JavaScript puts keys that look like numbers first.
    const ids = diagnostics.inFileOrder(["agents"], Object.keys(agents));
    return ids.map((id) => ({ value: agents[id], path: ["agents", id], defaultId: id }));
  }
  if (agents === undefined) {
    if (areNeeded) diagnostics.error([], "There are no agents: a config needs agent or agents.");
  } else diagnostics.error(["agents"], "agents must be a list of agents, or a mapping of them by id, with one at least.", "key");
  return [];
}

/** Numbers and the like become the text that is written there: `007` stays `007`. */
function idOf({ value, path, defaultId }: Entry, diagnostics: Diagnostics): string {
  const id = isMapping(value) ? value["id"] : undefined;
  if (typeof id === "string") return id.trim();
  if (typeof id === "number" || typeof id === "boolean") return diagnostics.written([...path, "id"]) ?? String(id);
  return defaultId.trim();
}

interface Around {
  readonly diagnostics: Diagnostics;
  /** Servers for all agents. */
  readonly shared: readonly McpServerConfig[];
}

function readAgent({ value, path }: Entry, id: string, { diagnostics, shared }: Around): readonly AgentConfig[] {
  const of = ` of agent "${id}"`;
  if (!isMapping(value)) {
    diagnostics.error(path, `Agent "${id}" must be a mapping with a backend.`);
    return [];
  }
  const section: Section = { diagnostics, path, of, later: laterKeys.agent };
  checkKeys(value, Object.keys(agentSchema.shape), section);
  const own = checkShape(fields, { ...value, id: typeof value["id"] === "object" ? value["id"] : id }, section);
  const servers = readAgentServers(value, shared, section);
  const around = { diagnostics, path: [...path, "backend"], of, later: laterKeys.backend, hasServers: servers.length > 0 };
  const backend = readBackend(value["backend"], around);
  if (own === undefined || backend === undefined) return [];
  const place = diagnostics.placeOf(path);
  if (servers.length === 0) return [{ ...own, backend, place }];
  return [{ ...own, mcp_servers: servers, backend: withoutMix(backend, section), place }];
}
