import { dirname } from "node:path";
import { MassgenError } from "../core/errors.ts";
import { withoutUndefined } from "../core/without-undefined.ts";
import { buildCouncil, type CouncilPlan } from "./build-council.ts";
import type { Council, Surroundings } from "./council.ts";
import { withEnvFiles } from "./env-files.ts";
import { type Config, loadConfig } from "./load-config.ts";
import type { Environment } from "./interpolate.ts";
import { placeOf } from "./place-of.ts";
import type { AgentConfig, BackendConfig } from "./schema.ts";
import { isSameServer } from "./same-server.ts";
import { readSetup, type Setup } from "./setup.ts";

/**
 * Builds the council of a run again. Keys are not in the log: they are found in `configFile`, else in the file the run was started with, else
 * in the environment. A file gives keys and request fields only, and only to agents whose server is still the same there.
 * @throws MassgenError as `buildCouncil` does; as `loadConfig` does for an explicit `configFile`
 */
export async function rebuildCouncil(
  setup: unknown,
  { configFile, ...given }: Surroundings & { readonly configFile?: string },
  signal: AbortSignal,
): Promise<Council> {
  const recorded = readSetup(setup);
  const file = configFile ?? recorded.configFile;
  const environment = file === undefined ? given.environment : withEnvFiles(given.environment, [dirname(file)]).environment;
  const surroundings = { ...given, environment };
  const { config, notice } = await keySource(recorded, configFile, surroundings);
  const configured = config?.agents ?? [];
  const agents = recorded.agents.map((agent) => ({ ...withKeyOf(agent, configured, environment), ...serversOf(agent, configured) }));
  const source = configFile === undefined ? { profile: recorded.profile } : {};
  const plan = withoutUndefined<CouncilPlan>({ agents, secrets: config?.secrets ?? [], file, profile: undefined, ...source });
  const council = await buildCouncil(plan, surroundings, signal);
  return notice === undefined ? council : { ...council, notices: [notice, ...council.notices] };
}

interface KeySource {
  readonly config?: Config;
  readonly notice?: string;
}

async function keySource(recorded: Setup, configFile: string | undefined, { environment }: Surroundings): Promise<KeySource> {
  if (configFile !== undefined) return { config: await loadConfig(configFile, environment) };
  if (recorded.configFile === undefined) return {};
  try {
    const profile = recorded.profile === undefined ? undefined : { name: recorded.profile, from: "the run" };
    return { config: await loadConfig(recorded.configFile, environment, profile) };
  } catch (error) {
    if (!(error instanceof MassgenError)) throw error;
    const [why] = error.message.split("\n");
    return { notice: `The config of this run cannot be read any more, so keys come from the environment alone: ${why}` };
  }
}

function withKeyOf(agent: Setup["agents"][number], configured: readonly AgentConfig[], environment: Environment): AgentConfig {
  const addressOf = (backend: BackendConfig): string => placeOf(backend, environment).baseUrl;
  const same = configured.find(({ id, backend }) => id === agent.id && backend.type === agent.backend.type);
  if (same === undefined || addressOf(same.backend) !== addressOf(agent.backend)) return agent;
  const { api_key: key, extra_body: body, fields } = same.backend;
  return {
    ...agent,
    backend: {
      ...agent.backend,
      ...(key !== undefined && { api_key: key }),
      ...(body !== undefined && { extra_body: body }),
      // What a package is set up with may be secret, and is not in the log.
      ...(fields !== undefined && { fields: { ...fields, ...agent.backend.fields } }),
    },
  };
}

/** What a server is started with holds secrets, which are in the config alone; a server that is another one by now is not started. */
function serversOf({ id, mcp_servers: servers }: Setup["agents"][number], configured: readonly AgentConfig[]): Partial<AgentConfig> {
  const now = configured.find((agent) => agent.id === id)?.mcp_servers ?? [];
  return servers === undefined ? {} : { mcp_servers: servers.map((server) => now.find((other) => isSameServer(server, other)) ?? server) };
}
