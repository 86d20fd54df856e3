import { stringify } from "yaml";
import { backends, isCloudType } from "../../models/backends/backends.ts";
import { defaultAddress } from "../../models/engines/served-engines.ts";
import { isServedKind } from "../backend-names.ts";
import type { AgentConfig, BackendConfig } from "../schema.ts";

/** A config file with these agents, and with what else could stand in it as comments: each is right YAML in its place without its `# `. */
export function configText(agents: readonly AgentConfig[]): string {
  return `# A council for massgen, taken by itself where it lies as massgen.yaml: massgen "…"
# massgen config validate FILE checks it, massgen config explain KEY says what a key means; docs/configuration.md has them all.
agents:
${agents.map((agent, place) => agentText(agent, place === 0)).join("")}
# orchestrator:
#   timeout: 10m             # of a whole run
#   token_budget: 100000     # of a whole run, prompts included
#   max_answers: 2           # of each agent
`;
}

/** What could be said of any agent is said at the first. */
function agentText({ id, backend, system_message: persona }: AgentConfig, isFirst: boolean): string {
  const parts = [
    yaml({ id, ...(persona !== undefined && { system_message: persona }) }),
    ...(isFirst && persona === undefined ? ["# system_message: You check every claim before you make it.\n"] : []),
    yaml({ backend: written(backend) }),
    ...toolsOf(backend).map((name) => `  # ${name}: true\n`),
    ...(isFirst ? [toolServers] : []),
  ];
  const [first = "", ...rest] = parts.join("").trimEnd().split("\n");
  return [`  - ${first}`, ...rest.map((line) => `    ${line}`)].map((line) => `${line.trimEnd()}\n`).join("");
}

const toolServers = `# mcp_servers:    # tools of your own
#   files: { command: npx, args: [-y, "@modelcontextprotocol/server-filesystem", .] }
`;

const yaml = (value: object): string => stringify(value, { lineWidth: 120 });

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

/** What the provider could do besides, by the names of fields. */
function toolsOf(backend: BackendConfig): readonly string[] {
  if (!isCloudType(backend.type)) return [];
  const { search, code } = backends[backend.type].ownTools;
  const names = [...(search === undefined ? [] : ["enable_web_search"]), ...(code === undefined ? [] : ["enable_code_execution"])];
  return names.filter((name) => !Object.hasOwn(backend, name));
}
