import { type CloudBackend, cloudBackends } from "../cloud-backends.ts";
import type { Surroundings } from "../council.ts";
import { type LocalModels, localModels } from "../local-models.ts";
import { pickModels } from "../pick-models.ts";
import { agentsOn } from "../quick-setup.ts";
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
const USUAL_AGENTS = 3;

/** What a council would sit on: the models that suit this machine best, and clouds where they may. */
export function proposedBackends(found: Found, { cloud, memoryBytes }: { readonly cloud: boolean; readonly memoryBytes: number }) {
  const { picked } = pickModels(found.models, { wanted: undefined, most: USUAL_AGENTS, memoryBytes });
  return [...picked.map(({ backend }) => backend), ...(cloud ? found.clouds.map(({ backend }) => backend) : [])];
}

/** As many agents as were wished for, at least one for each backend. Without a backend they sit on the engine inside massgen. */
export function agentsFor(
  backends: readonly BackendConfig[],
  seed: number,
  count = Math.max(USUAL_AGENTS, backends.length),
): readonly AgentConfig[] {
  return agentsOn(backends.length === 0 ? [{ type: "embedded" }] : backends, { count, seed });
}
