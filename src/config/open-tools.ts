import { MassgenError } from "../core/errors.ts";
import { listed } from "../core/listed.ts";
import { nearest } from "../core/nearest.ts";
import type { CouncilModel } from "../models/model.ts";
import type { McpServer } from "../tools/mcp/open-mcp-server.ts";
import type { McpServerDefinition } from "../tools/mcp/server-definition.ts";
import { chosenTools, namesNobodyHas } from "../tools/mcp/server-tools.ts";
import type { ToolSource } from "../tools/tool.ts";
import { fittingTools } from "../tools/toolbox.ts";
import type { Surroundings } from "./council.ts";
import { definitionOf } from "./mcp-section.ts";
import type { AgentConfig } from "./schema.ts";

/** An agent with the model that it got. */
interface Seated {
  readonly agent: AgentConfig;
  readonly model: CouncilModel;
}

/** What the servers of a council offer, by agent, and what a person should hear of them. */
export interface OpenedTools {
  readonly sources: ReadonlyMap<AgentConfig, readonly ToolSource[]>;
  readonly notices: readonly string[];
}

interface Wanted {
  readonly seated: Seated;
  readonly definition: McpServerDefinition;
}

/**
 * Opens all MCP servers of a council at once, each once however many agents name it. One that cannot be opened is a notice: its agents go on
 * without its tools. What is opened is closed with its sources.
 */
export async function openTools(seats: readonly Seated[], surroundings: Surroundings, signal: AbortSignal): Promise<OpenedTools> {
  const unable = seats.filter(({ agent, model }) => model.callsTools === false && agent.mcp_servers !== undefined);
  const wanted = seats
    .filter((seated) => !unable.includes(seated))
    .flatMap((seated) => (seated.agent.mcp_servers ?? []).map((server): Wanted => ({ seated, definition: definitionOf(server) })));
  const opened = await openOnce(wanted, surroundings, signal);
  const sources = new Map<AgentConfig, readonly ToolSource[]>();
  const notices = [...unable.map(({ agent }) => cannotCall(agent)), ...failures(wanted, opened)];
  for (const { seated, definition } of wanted) {
    const server = opened.get(keyOf(definition));
    if (server === undefined || server instanceof MassgenError) continue;
    const chosen = chosenTools(server.tools, definition.tools);
    const before = sources.get(seated.agent) ?? [];
    const { tools, tokens } = fittingTools(
      chosen,
      seated.model.contextTokens,
      before.flatMap((source) => source.tools),
    );
    sources.set(seated.agent, [...before, { tools, close: () => server.close() }]);
    notices.push(...unknownNames(definition, server));
    if (tools.length < chosen.length) notices.push(tooMany(seated, definition, { tools: chosen.length, left: tools.length, tokens }));
  }
  return { sources, notices: [...new Set(notices)] };
}

/** One process and one connection for all that name the same. */
function keyOf({ name, connection }: McpServerDefinition): string {
  return JSON.stringify([name, connection]);
}

type Opened = ReadonlyMap<string, McpServer | MassgenError>;

async function openOnce(wanted: readonly Wanted[], { openServer, tell }: Surroundings, signal: AbortSignal): Promise<Opened> {
  const different = new Map(wanted.map(({ definition }) => [keyOf(definition), definition]));
  if (openServer === undefined || different.size === 0) return new Map();
  tell(`Starting the MCP ${different.size === 1 ? "server" : "servers"} ${listed([...different.values()].map(({ name }) => name))}`);
  const all = await Promise.allSettled(
    [...different].map(async ([key, definition]) => [key, await openServer(definition, signal)] as const),
  );
  tell("");
  const servers = all.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const reasons = all.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  const fatal = reasons.find((reason) => !(reason instanceof MassgenError));
  if (signal.aborted || fatal !== undefined) {
    await Promise.all(servers.map(([, server]) => server.close()));
    signal.throwIfAborted();
    throw fatal;
  }
  const failed = [...different.keys()].filter((key) => !servers.some(([opened]) => opened === key));
  return new Map<string, McpServer | MassgenError>([
    ...servers,
    ...failed.map((key, index) => [key, reasons[index] as MassgenError] as const),
  ]);
}

function failures(wanted: readonly Wanted[], opened: Opened): readonly string[] {
  return [...opened].flatMap(([key, server]) => {
    if (!(server instanceof MassgenError)) return [];
    const agents = wanted.filter(({ definition }) => keyOf(definition) === key).map(({ seated }) => seated.agent.id);
    return [`${server.message} ${listed(agents)} ${agents.length === 1 ? "goes" : "go"} on without its tools.`];
  });
}

function unknownNames({ name, tools }: McpServerDefinition, server: McpServer): readonly string[] {
  const known = server.tools.map((tool) => tool.name);
  return namesNobodyHas(server.tools, tools).map((unknown) => {
    const meant = nearest(unknown, known);
    return `The MCP server "${name}" has no tool "${unknown}"${meant === undefined ? "" : ` (did you mean "${meant}"?)`}.`;
  });
}

function cannotCall({ id, mcp_servers: servers = [] }: AgentConfig): string {
  return `The model of agent "${id}" cannot call tools: it goes on without those of ${listed(servers.map(({ name }) => name))}.`;
}

function tooMany(
  { agent, model }: Seated,
  { name }: McpServerDefinition,
  { tools, left, tokens }: { readonly tools: number; readonly left: number; readonly tokens: number },
): string {
  const context = model.contextTokens === undefined ? "" : ` (${model.contextTokens} tokens)`;
  const room = `the context of agent "${agent.id}"${context}`;
  return `The ${tools} tools of the MCP server "${name}" take about ${tokens} tokens, too many for ${room}: it gets the first ${left}. allowed_tools of the server chooses among them.`;
}
