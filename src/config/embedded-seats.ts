import { createEmbedded, type EmbeddedOptions } from "../models/backends/embedded/create-embedded.ts";
import { experienceKey } from "../models/experience-store.ts";
import { type BuiltSeat, samplingOf, seatOf, type Surroundings } from "./council.ts";
import { modelFile } from "./model-file.ts";
import type { AgentConfig } from "./schema.ts";
import { withoutUndefined } from "../core/without-undefined.ts";

/** Contexts side by side that a usual machine has memory for; further agents of the model wait in its queue. */
const MOST_LANES = 3;

/**
 * Seats the agents whose models run inside this process. All agents of one file share one loaded model, hence its lanes and its context: the
 * largest that any of them asks for.
 */
export async function embeddedSeats(
  agents: readonly AgentConfig[],
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<ReadonlyMap<AgentConfig, BuiltSeat>> {
  const paths = new Map<AgentConfig, string>();
  // One after the other: two agents that lack the same file cause one offer.
  for (const agent of agents) paths.set(agent, await modelFile(agent.backend.model, surroundings, signal));
  return new Map(
    agents.map((agent) => {
      const path = paths.get(agent) ?? "";
      const sharers = agents.filter((other) => paths.get(other) === path).map(({ backend }) => backend);
      const model = createEmbedded({
        ...withoutUndefined<OptionalSettings>({
          contextTokens: largest(sharers.map((backend) => backend.context_length)),
          threads: largest(sharers.map((backend) => backend.threads)),
        }),
        path,
        lanes: largest(sharers.map((backend) => backend.parallel)) ?? Math.min(sharers.length, MOST_LANES),
        enginesDir: surroundings.folders.engines,
        sampling: samplingOf(agent.backend),
        experience: surroundings.experience(experienceKey("embedded", "embedded:", path)),
      });
      return [agent, { seat: seatOf(agent, model), backend: { ...agent.backend, model: path }, secrets: [], notices: [] }];
    }),
  );
}

type OptionalSettings = Pick<EmbeddedOptions, "contextTokens" | "threads">;

function largest(wishes: readonly (number | undefined)[]): number | undefined {
  const numbers = wishes.filter((wish) => wish !== undefined);
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}
