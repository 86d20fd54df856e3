import { resolve } from "node:path";
import { MassgenError } from "../core/errors.ts";
import { attendOnce } from "./attend-engine.ts";
import { isServedKind } from "./backend-names.ts";
import { askedOnce, chatSeat } from "./chat-seat.ts";
import { type BuiltSeat, type Council, nameOf, type Surroundings } from "./council.ts";
import { embeddedSeats } from "./embedded-seats.ts";
import { engineSeat } from "./engine-seat.ts";
import { notRunning } from "./local-servers.ts";
import { arrangeModels } from "./models-together.ts";
import { resolveLocal } from "./resolve-local.ts";
import type { AgentConfig } from "./schema.ts";
import { setupOf } from "./setup.ts";

/** What a council is built from: a loaded config, or agents that came about in another way. */
export interface CouncilPlan {
  readonly agents: readonly AgentConfig[];
  /** The config file, for `massgen resume` to find the keys again. */
  readonly file?: string;
  readonly secrets?: readonly string[];
}

/**
 * Makes a model for every agent. Servers are asked once what they are (500 ms); that they do not answer is a notice, unless no agent at all
 * has a server that runs.
 * @throws MassgenError `config`, `model-file`, and what `surroundings.offer` throws
 */
export async function buildCouncil(given: CouncilPlan, surroundings: Surroundings, signal: AbortSignal): Promise<Council> {
  const { agents, notices: found } = await resolveLocal(given.agents, surroundings, signal);
  const plan = { ...given, agents };
  const around = { ...surroundings, probe: askedOnce(surroundings.probe) };
  const onServers = plan.agents.filter(({ backend }) => backend.type !== "embedded");
  const attend = attendOnce(surroundings);
  const seatOn = (agent: AgentConfig): Promise<BuiltSeat> =>
    isServedKind(agent.backend.type) ? engineSeat(agent, { around, attend }, signal) : chatSeat(agent, around, signal);
  const served = await allOrErrors(onServers.map(async (agent): Promise<[AgentConfig, BuiltSeat]> => [agent, await seatOn(agent)]));
  const embedded = await embeddedSeats(
    plan.agents.filter(({ backend }) => backend.type === "embedded"),
    around,
    signal,
  );
  const built = new Map([...served, ...embedded]);
  const refused = [...built].flatMap(([agent, { refusedAt, whyRefused }]) =>
    refusedAt === undefined ? [] : [{ agent, baseUrl: refusedAt, why: whyRefused }],
  );
  if (refused.length > 0 && refused.length === plan.agents.length) throw notRunning(refused);
  const inOrder = plan.agents.flatMap((agent) => {
    const seat = built.get(agent);
    return seat === undefined ? [] : [{ ...seat, agent }];
  });
  const turns = arrangeModels(
    inOrder.flatMap(({ engine }) => engine ?? []),
    surroundings.memoryBytes,
  );
  const down = refused.map(({ agent, baseUrl }) => `No server answers at ${new URL(baseUrl).origin}: ${nameOf(agent)} cannot take part.`);
  return {
    seats: inOrder.map(({ seat }) => seat),
    secrets: [...new Set([...(plan.secrets ?? []), ...inOrder.flatMap(({ secrets }) => secrets)])],
    setup: setupOf(
      inOrder.map(({ agent, backend }) => ({ ...agent, backend })),
      plan.file === undefined ? undefined : resolve(plan.file),
    ),
    notices: [...new Set([...found, ...inOrder.flatMap(({ notices }) => notices), ...turns, ...down])],
  };
}

/** What is wrong with several agents is told at once. */
async function allOrErrors<Value>(promises: readonly Promise<Value>[]): Promise<readonly Value[]> {
  const results = await Promise.allSettled(promises);
  const reasons = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
  const [first] = reasons;
  const told = reasons.filter((reason) => reason instanceof MassgenError);
  if (told.length > 1 && told.length === reasons.length) {
    const hints = new Set(told.map(({ hint }) => hint).filter((hint) => hint !== undefined));
    throw new MassgenError("config", told.map(({ message }) => message).join("\n"), { hint: [...hints].join("\n"), cause: first });
  }
  if (reasons.length > 0) throw first;
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}
