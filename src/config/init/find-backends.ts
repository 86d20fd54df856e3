import { type CloudBackend, cloudBackends } from "../cloud-backends.ts";
import { MassgenError } from "../../core/errors.ts";
import type { Surroundings } from "../council.ts";
import { type LocalModels, localModels } from "../local-models.ts";
import { pickModels } from "../pick-models.ts";
import { agentsOn } from "../quick-setup.ts";
import { embeddedChoices } from "./embedded-choices.ts";
import type { AgentConfig, BackendConfig } from "../schema.ts";

/** What a council can be made of here. */
export interface Found extends LocalModels {
  /** Those whose keys are set. */
  readonly clouds: readonly CloudBackend[];
}

export async function findBackends(around: Surroundings, signal: AbortSignal): Promise<Found> {
  return { ...(await localModels(around, signal)), clouds: cloudBackends(around.environment) };
}

/** Agents for whom nobody named anything. */
export const USUAL_AGENTS = 3;

/** The models of this machine that suit it best, as a council without a config would take them. */
export function proposedModels({ models }: Found, memoryBytes: number): readonly BackendConfig[] {
  const { picked } = pickModels(models, { wanted: undefined, most: USUAL_AGENTS, memoryBytes });
  return picked.map(({ backend }) => backend);
}

/** What nobody asked about is decided like this. */
export interface Wished {
  readonly agents?: number;
  readonly cloud?: boolean;
  readonly systemMessage?: string;
}

/**
 * A council of what there is; clouds only where somebody said so.
 * @throws MassgenError `config` where clouds are wished for and no key of one is set
 */
export async function proposedAgents({ agents: wished, cloud, systemMessage }: Wished, around: Surroundings, signal: AbortSignal) {
  const found = await findBackends(around, signal);
  const clouds = cloud === true ? found.clouds.map(({ backend }) => backend) : [];
  if (cloud === true && clouds.length === 0) {
    throw new MassgenError("config", "No key of a cloud is set.", {
      hint: "Set one, such as OPENAI_API_KEY, or name the cloud: massgen init --template openai",
    });
  }
  const models = proposedModels(found, around.memoryBytes).slice(0, wished ?? USUAL_AGENTS);
  const local =
    models.length > 0
      ? models
      : embeddedChoices(around.folders.models, around.memoryBytes)
          .map(({ backend }) => backend)
          .slice(0, 1);
  const seats = [...local, ...clouds];
  const count = clouds.length === 0 ? wished : Math.max(wished ?? USUAL_AGENTS, seats.length);
  const said = { ...(count !== undefined && { count }), ...(systemMessage !== undefined && { systemMessage }) };
  return { agents: agentsFor(seats, said), notices: found.notices };
}

/** As many agents as were wished for, else one for each backend and no fewer than usual. */
export function agentsFor(
  seats: readonly BackendConfig[],
  { count = Math.max(USUAL_AGENTS, seats.length), systemMessage }: { readonly count?: number; readonly systemMessage?: string } = {},
): readonly AgentConfig[] {
  return agentsOn(seats, { count, seed: 0, ...(systemMessage !== undefined && { systemMessage }) }).map(withoutSeed);
}

/** In a file a seed would be the same for every question. */
export function withoutSeed({ backend: { seed: _seed, ...backend }, ...agent }: AgentConfig): AgentConfig {
  return { ...agent, backend };
}
