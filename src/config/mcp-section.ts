import * as z from "zod";
import type { McpConnection, McpServerDefinition } from "../tools/mcp/server-definition.ts";
import { nearest } from "../core/nearest.ts";
import { checkKeys, checkShape, type Section } from "./diagnostics.ts";
import { about, duration, flag } from "./field-schemas.ts";
import { isMapping } from "./interpolate.ts";
import { laterKeys } from "./later-keys.ts";

const names = z.preprocess((value) => (typeof value === "string" ? [value] : value), z.array(z.string()).readonly());
const texts = z.record(
  z.string(),
  z.preprocess((value) => (typeof value === "number" || typeof value === "boolean" ? String(value) : value), z.string()),
);
const webAddress = z
  .string()
  .refine((url) => /^https?:/u.test(url) && URL.canParse(url), "must be an address that begins with http:// or https://");

/** An MCP server: a program (`command`) or an address (`url`), and which of its tools are taken. */
export const mcpServerSchema = z.object({
  name: z.string().trim().min(1).meta(about("Its name; in a mapping its key.")),
  type: z
    .enum(["stdio", "http", "streamable-http", "streamable_http", "sse"])
    .optional()
    .meta(about("How it is spoken with.", { usual: "stdio with command, http with url" })),
  command: z.string().trim().min(1).optional().meta(about("The program to start.")),
  args: z
    .array(z.preprocess((value) => (typeof value === "number" ? String(value) : value), z.string()))
    .readonly()
    .optional()
    .meta(about("Its arguments.", { usual: "the words of command after the first" })),
  env: texts.optional().meta(about("All that it gets of an environment, beside PATH, HOME and the like.", { usual: "none" })),
  cwd: z
    .string()
    .optional()
    .meta(about("The folder it is started in.", { usual: "that of massgen" })),
  url: webAddress.optional().meta(about("Where it listens.")),
  headers: texts.optional().meta(about("Headers of every request to it, such as authorization.", { usual: "none" })),
  allowed_tools: names.optional().meta(about("These of its tools and no others, by the names it gives them.", { usual: "all" })),
  exclude_tools: names.optional().meta(about("All of its tools but these.", { usual: "none" })),
  read_only_tools: names
    .optional()
    .meta(about("These change nothing, whatever the server says of them.", { usual: "those it says so of" })),
  writes: flag.optional().meta(about("Whether tools that may change something may be used before the presentation.", { usual: "false" })),
  startup_timeout: duration.optional().meta(about("How long it may take to be ready.", { usual: "60s" })),
  disabled: flag.optional().meta(about("Whether it is left out.", { usual: "false" })),
});
export type McpServerConfig = z.infer<typeof mcpServerSchema>;

/** A list, or a mapping by name as other programs write it. In the list of an agent a text names a server at the top of the file. */
export const mcpServersSchema = z.union([
  z.array(z.union([mcpServerSchema, z.string().min(1)])).readonly(),
  z.record(z.string(), mcpServerSchema.omit({ name: true })),
]);

/** Times are in milliseconds there, and nothing is secret. */
export const recordedServerSchema = mcpServerSchema.omit({ env: true, headers: true }).extend({ startup_timeout: z.number().optional() });

export function withoutSecrets({ env: _env, headers: _headers, ...server }: McpServerConfig): z.infer<typeof recordedServerSchema> {
  return server;
}

/** Reads `mcp_servers`, reporting what is wrong. In a list the name of a server of `shared` stands for it. */
export function readMcpServers(
  value: unknown,
  { diagnostics, path, of }: Section,
  shared: readonly McpServerConfig[] = [],
): readonly McpServerConfig[] {
  if (value === undefined) return [];
  const entries = Array.isArray(value)
    ? value.map((server: unknown, index) => ({ server, at: [...path, index], key: undefined }))
    : isMapping(value)
      ? Object.keys(value).map((key) => ({ server: value[key], at: [...path, key], key }))
      : undefined;
  if (entries === undefined) {
    diagnostics.error(path, `mcp_servers${of} must be a list of servers, or a mapping of them by name.`);
    return [];
  }
  const seen = new Set<string>();
  return entries.flatMap(({ server, at, key }) => {
    const section = { diagnostics, path: at, of };
    const read = typeof server === "string" && key === undefined ? named(server, shared, section) : readServer(server, key, section);
    if (read === undefined) return [];
    if (seen.has(read.name) && read.disabled !== true) diagnostics.error(at, `Two MCP servers${of} are called "${read.name}".`);
    seen.add(read.name);
    return [read];
  });
}

function named(name: string, shared: readonly McpServerConfig[], { diagnostics, path, of }: Section): McpServerConfig | undefined {
  const server = shared.find((one) => one.name === name);
  if (server !== undefined) return server;
  const names = shared.map((one) => one.name);
  const meant = nearest(name, names);
  const there = names.length === 0 ? "" : meant === undefined ? `; there are ${names.join(", ")}` : ` (did you mean "${meant}"?)`;
  diagnostics.error(path, `mcp_servers${of} names "${name}", which mcp_servers at the top of the file does not have${there}.`);
  return undefined;
}

function readServer(value: unknown, key: string | undefined, { diagnostics, path, of }: Section): McpServerConfig | undefined {
  if (!isMapping(value)) {
    diagnostics.error(path, `An MCP server${of} must be a mapping with command or url.`);
    return undefined;
  }
  const name = key ?? (typeof value["name"] === "string" ? value["name"] : undefined);
  const section: Section = { diagnostics, path, of: ` of MCP server "${name ?? "?"}"`, later: laterKeys.mcpServer };
  checkKeys(value, Object.keys(mcpServerSchema.shape), section);
  const server = checkShape(mcpServerSchema, { ...value, ...(name === undefined ? {} : { name }) }, section);
  if (server === undefined) return undefined;
  const why = whyUnreachable(server);
  if (why === undefined) return server;
  diagnostics.error(path, `MCP server "${server.name}"${of} ${why}.`);
  return undefined;
}

function whyUnreachable({ type, command, url }: McpServerConfig): string | undefined {
  if (command !== undefined && url !== undefined) return "has both command and url; it has one of them";
  if (command === undefined && url === undefined) return "needs command (a program to start) or url (where it listens)";
  if (type === "stdio" && command === undefined) return "is of type stdio and needs command";
  return type !== undefined && type !== "stdio" && url === undefined ? `is of type ${type} and needs url` : undefined;
}

/**
 * All servers of an agent that are not switched off: its own, those inside its backend, and those for all, or of these only those that it names.
 * One nearer to the agent stands for one of the same name.
 */
export function readAgentServers(
  agent: Readonly<Record<string, unknown>>,
  shared: readonly McpServerConfig[],
  { diagnostics, path, of }: Section,
): readonly McpServerConfig[] {
  const backend = isMapping(agent["backend"]) ? agent["backend"] : {};
  const inBackend = { diagnostics, path: [...path, "backend", "mcp_servers"], of };
  const lists = [agent["mcp_servers"], backend["mcp_servers"]];
  const namesSome = lists.some((list) => Array.isArray(list) && list.some((entry) => typeof entry === "string"));
  const near = [
    ...readMcpServers(agent["mcp_servers"], { diagnostics, path: [...path, "mcp_servers"], of }, shared),
    ...readMcpServers(backend["mcp_servers"], inBackend, shared),
  ];
  const all = [...near, ...(namesSome ? [] : shared)].filter(
    ({ name, disabled }, index, list) => disabled !== true && list.findIndex((other) => other.name === name) === index,
  );
  // `allowed_tools` of such a backend are those of the Claude Code program.
  const choice = z.object({ allowed_tools: names.optional(), exclude_tools: names.optional() }).safeParse(backend);
  if (!choice.success || backend["type"] === "claude_code") return all;
  return all.map((server) => narrowed(server, choice.data.allowed_tools, choice.data.exclude_tools));
}

/** What a backend chooses among the tools of all its servers: `read`, or `mcp__files__read` as later versions of MassGen write it. */
function narrowed(server: McpServerConfig, allowed: readonly string[] | undefined, excluded: readonly string[] = []): McpServerConfig {
  const own = (chosen: readonly string[]): readonly string[] =>
    chosen.flatMap((name) => {
      const [, prefix, tool] = /^(?:mcp__)?(.+?)__(.+)$/u.exec(name) ?? [];
      if (tool === undefined) return [name];
      return prefix === server.name ? [tool] : [];
    });
  const both = allowed === undefined ? server.allowed_tools : intersection(own(allowed), server.allowed_tools);
  return {
    ...server,
    ...(both === undefined ? {} : { allowed_tools: both }),
    ...(excluded.length === 0 ? {} : { exclude_tools: [...(server.exclude_tools ?? []), ...own(excluded)] }),
  };
}

function intersection(one: readonly string[], other: readonly string[] | undefined): readonly string[] {
  return other === undefined ? one : one.filter((name) => other.includes(name));
}

/** Packages may have to be fetched first. */
const START_MS = 60_000;

/** The server in the terms of what opens it. */
export function definitionOf(server: McpServerConfig): McpServerDefinition {
  const { allowed_tools: allowed, exclude_tools: excluded, read_only_tools: readOnly, writes } = server;
  return {
    name: server.name,
    connection: connectionOf(server),
    startMs: server.startup_timeout ?? START_MS,
    tools: {
      ...(allowed === undefined ? {} : { allowed }),
      ...(excluded === undefined ? {} : { excluded }),
      ...(readOnly === undefined ? {} : { readOnly }),
      ...(writes === undefined ? {} : { writes }),
    },
  };
}

/** A command line in one text is taken apart where there are no arguments beside it. */
function connectionOf({ type, command, args, env = {}, cwd, url = "", headers = {} }: McpServerConfig): McpConnection {
  if (command === undefined) return { type: type === "sse" ? "sse" : "http", url, headers };
  const [program = "", ...words] = args === undefined ? command.split(/\s+/u) : [command];
  return { type: "stdio", command: program, args: args ?? words, env, ...(cwd === undefined ? {} : { cwd }) };
}
