import { MassgenError } from "../core/errors.ts";
import { isCloudType } from "../models/backends/backends.ts";
import { isServedKind } from "./backend-names.ts";
import type { BuiltSeat, Surroundings } from "./council.ts";
import type { AgentConfig } from "./schema.ts";

type Seated = ReadonlyMap<AgentConfig, BuiltSeat>;

/** Seats agents by where their models are; what a kind of place takes is loaded where there is one. */
export async function seatAgents(agents: readonly AgentConfig[], around: Surroundings, signal: AbortSignal): Promise<Seated> {
  const embedded = agents.filter(({ backend }) => backend.type === "embedded");
  const engines = agents.filter(({ backend }) => isServedKind(backend.type));
  const clouds = agents.filter(({ backend }) => isCloudType(backend.type));
  const packages = agents.filter(({ backend }) => backend.type === "ai_sdk");
  const programs = agents.filter(({ backend }) => backend.type === "claude_code");
  const servers = agents.filter((agent) => ![embedded, engines, clouds, packages, programs].some((others) => others.includes(agent)));
  const seatings = await Promise.all([
    seatOnServers(servers, around, signal),
    seatOnClouds(clouds, around),
    seatOnPackages(packages, around),
    seatPrograms(programs, around),
    seatOnEngines(engines, around, signal),
  ]);
  const served = await allOrErrors(seatings.flat());
  if (embedded.length === 0) return new Map(served);
  const { embeddedSeats } = await import("./embedded-seats.ts");
  return new Map([...served, ...(await embeddedSeats(embedded, around, signal))]);
}

type Seating = Promise<readonly [AgentConfig, BuiltSeat]>;

async function seatOnServers(agents: readonly AgentConfig[], around: Surroundings, signal: AbortSignal): Promise<readonly Seating[]> {
  if (agents.length === 0) return [];
  const { askedOnce, chatSeat } = await import("./chat-seat.ts");
  const asking = { ...around, probe: askedOnce(around.probe) };
  return settling(agents, (agent) => chatSeat(agent, asking, signal));
}

async function seatOnClouds(agents: readonly AgentConfig[], around: Surroundings): Promise<readonly Seating[]> {
  if (agents.length === 0) return [];
  const { cloudSeat } = await import("./cloud-seat.ts");
  return settling(agents, (agent) => cloudSeat(agent, around));
}

async function seatOnPackages(agents: readonly AgentConfig[], around: Surroundings): Promise<readonly Seating[]> {
  if (agents.length === 0) return [];
  const { aiSdkSeat } = await import("./ai-sdk-seat.ts");
  return settling(agents, (agent) => aiSdkSeat(agent, around));
}

async function seatPrograms(agents: readonly AgentConfig[], around: Surroundings): Promise<readonly Seating[]> {
  if (agents.length === 0) return [];
  const { claudeCodeSeat } = await import("./claude-code-seat.ts");
  return settling(agents, (agent) => claudeCodeSeat(agent, around));
}

async function seatOnEngines(agents: readonly AgentConfig[], around: Surroundings, signal: AbortSignal): Promise<readonly Seating[]> {
  if (agents.length === 0) return [];
  const [{ attendOnce }, { engineSeat }] = await Promise.all([import("./attend-engine.ts"), import("./engine-seat.ts")]);
  const attend = attendOnce(around);
  return settling(agents, (agent) => engineSeat(agent, { around, attend }, signal));
}

/** All at once; whoever waits for them hears of every error. */
function settling(agents: readonly AgentConfig[], seat: (agent: AgentConfig) => Promise<BuiltSeat>): readonly Seating[] {
  const seatings = agents.map(async (agent): Seating => [agent, await seat(agent)]);
  for (const seating of seatings) seating.catch(() => undefined);
  return seatings;
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
