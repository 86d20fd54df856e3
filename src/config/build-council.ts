import { resolve } from "node:path";
import { seatAgents } from "./seat-agents.ts";
import type { ToolSource } from "../tools/tool.ts";
import { type Council, nameOf, type Seat, type Surroundings } from "./council.ts";
import { notRunning } from "./local-servers.ts";
import type { OpenedTools, openTools } from "./open-tools.ts";
import type { Resolved } from "./resolve-local.ts";
import type { AgentConfig } from "./schema.ts";
import { setupOf } from "./setup.ts";

/** What a council is built from: a loaded config, or agents that came about in another way. */
export interface CouncilPlan {
  readonly agents: readonly AgentConfig[];
  /** The config file, for `massgen resume` to find the keys again. */
  readonly file?: string;
  /** The profile of that file that counted. */
  readonly profile?: string;
  readonly secrets?: readonly string[];
}

/**
 * Makes a model for every agent. Servers are asked once what they are (500 ms); that they do not answer is a notice, unless no agent at all
 * has a server that runs.
 * @throws MassgenError `config`, `model-file`, and what `surroundings.offer` throws
 */
export async function buildCouncil(given: CouncilPlan, surroundings: Surroundings, signal: AbortSignal): Promise<Council> {
  const { agents, notices: found } = await resolved(given.agents, surroundings, signal);
  const plan = { ...given, agents };
  const built = await seatAgents(agents, surroundings, signal);
  const refused = [...built].flatMap(([agent, { refusedAt, whyRefused }]) =>
    refusedAt === undefined ? [] : [{ agent, baseUrl: refusedAt, why: whyRefused }],
  );
  if (refused.length > 0 && refused.length === plan.agents.length) throw notRunning(refused);
  const inOrder = plan.agents.flatMap((agent) => {
    const seat = built.get(agent);
    return seat === undefined ? [] : [{ ...seat, agent }];
  });
  const engines = inOrder.flatMap(({ engine }) => engine ?? []);
  const turns = engines.length === 0 ? [] : (await import("./models-together.ts")).arrangeModels(engines, surroundings.memoryBytes);
  const down = refused.map(({ agent, baseUrl }) => `No server answers at ${new URL(baseUrl).origin}: ${nameOf(agent)} needs one.`);
  const { sources, notices: ofTools } = await toolsOf(
    inOrder.map(({ agent, seat: { model } }) => ({ agent, model })),
    surroundings,
    signal,
  );
  return {
    seats: inOrder.map(({ agent, seat }) => ({ ...seat, ...withTools(sources.get(agent)) })),
    secrets: [...new Set([...(plan.secrets ?? []), ...inOrder.flatMap(({ secrets }) => secrets)])],
    setup: setupOf(
      inOrder.map(({ agent, backend }) => ({ ...agent, backend })),
      plan.file === undefined ? {} : { configFile: resolve(plan.file), ...(plan.profile !== undefined && { profile: plan.profile }) },
    ),
    notices: [...new Set([...found, ...inOrder.flatMap(({ notices }) => notices), ...turns, ...down, ...ofTools])],
  };
}

const withTools = (tools: readonly ToolSource[] | undefined): Pick<Seat, "tools"> => (tools === undefined ? {} : { tools });

/** The last that is done: a config that cannot be used starts no servers. */
async function toolsOf(seats: Parameters<typeof openTools>[0], surroundings: Surroundings, signal: AbortSignal): Promise<OpenedTools> {
  if (seats.every(({ agent }) => agent.mcp_servers === undefined)) return { sources: new Map(), notices: [] };
  return (await import("./open-tools.ts")).openTools(seats, surroundings, signal);
}

async function resolved(agents: readonly AgentConfig[], surroundings: Surroundings, signal: AbortSignal): Promise<Resolved> {
  if (!agents.some(({ backend }) => backend.type === "local")) return { agents, notices: [] };
  return (await import("./resolve-local.ts")).resolveLocal(agents, surroundings, signal);
}
