import { stringify } from "yaml";
import { backends, isCloudType } from "../../models/backends/backends.ts";
import { defaultAddress } from "../../models/engines/served-engines.ts";
import { isServedKind } from "../backend-names.ts";
import type { AgentConfig, BackendConfig } from "../schema.ts";

/** A config file with these agents, with what else could stand in it as comments. */
export function configText(agents: readonly AgentConfig[]): string {
  const seats = agents.map(({ id, backend, system_message: persona }) => ({
    id,
    backend: written(backend),
    ...(persona !== undefined && { system_message: persona }),
  }));
  return `# A council for massgen. In this folder it is taken by itself: massgen "…"
# massgen config validate checks it, massgen config explain KEY says what a key means, docs/configuration.md names them all.
${stringify({ agents: seats }, { lineWidth: 120 })}${hints(agents)}
# orchestrator:
#   timeout: 10m             # of a whole run
#   token_budget: 100000     # prompts included
#   max_answers: 2           # of each agent
`;
}

/** Rounded, for people; an address that is the usual one says nothing. */
function written({ base_url: baseUrl, ...backend }: BackendConfig): object {
  const { type, temperature, fields, ...rest } = backend;
  const isUsual = baseUrl === undefined || (isServedKind(type) && baseUrl === `${defaultAddress(type)}/v1`);
  return {
    type,
    ...rest,
    ...(!isUsual && { base_url: baseUrl }),
    ...(temperature !== undefined && { temperature: Math.round(temperature * 100) / 100 }),
    ...fields,
  };
}

/** What the backends that are there can do besides. */
function hints(agents: readonly AgentConfig[]): string {
  const types = new Set(agents.map(({ backend }) => backend.type));
  const searching = [...types].filter((type) => isCloudType(type) && backends[type].ownTools.search !== undefined);
  const lines = [
    "#     system_message: You check every claim before you make it.     # who an agent is",
    ...(searching.length > 0 ? [`#       enable_web_search: true      # under backend, of ${searching.join(", ")}`] : []),
    '#     mcp_servers: { files: { command: npx, args: [-y, "@modelcontextprotocol/server-filesystem", .] } }    # tools of your own',
  ];
  return `# To each agent can be added:\n${lines.join("\n")}\n`;
}
