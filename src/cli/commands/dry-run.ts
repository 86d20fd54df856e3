import { addressOf } from "../../config/local-servers.ts";
import type { Missing, Surroundings } from "../../config/council.ts";
import type { AgentConfig } from "../../config/schema.ts";
import { sizeInWords } from "../../models/files/catalogue.ts";
import { readAllowed } from "../allowed.ts";
import type { AskOptions } from "../ask-options.ts";
import { interruptible } from "../interruptible.ts";
import { planCouncil, type PlannedCouncil, seatCouncil } from "../seat-council.ts";
import type { Session } from "../session.ts";
import { surroundingsOf } from "../surroundings.ts";

/** Shows the council that would be asked, on standard output; asks no model, loads, starts and fetches nothing. */
export async function dryRun(options: AskOptions, session: Session): Promise<number> {
  const { io, output, narrator } = session;
  const missing: Missing[] = [];
  const around = lookingOnly(surroundingsOf(session), missing);
  const planned = await interruptible(io, (signal) => planCouncil({ cloud: readAllowed(session).cloud, ...options }, around, signal));
  const notices = missing.length > 0 ? planned.notices : await interruptible(io, (signal) => noticesOf(planned, around, signal));
  for (const { level, text } of notices) narrator.line({ tone: level === "warning" ? "warning" : "plain", text });
  for (const text of missing.map(toFetch)) narrator.line({ tone: "plain", text });
  const agents = planned.plan.agents.map(shown);
  const lines = output.json ? [JSON.stringify({ agents, notices })] : tableOf(agents);
  for (const line of lines) io.stdout.write(`${line}\n`);
  await io.stdout.flushed();
  return 0;
}

function lookingOnly(surroundings: Surroundings, missing: Missing[]): Surroundings {
  return { ...surroundings, allow: async () => false, offer: async (what) => void missing.push(what) };
}

/** Building the council shows what is not there and what has to take turns; it is given back at once. */
async function noticesOf(planned: PlannedCouncil, around: Surroundings, signal: AbortSignal): Promise<PlannedCouncil["notices"]> {
  const { council, notices } = await seatCouncil(planned, around, signal);
  await Promise.all(council.seats.map(async ({ model }) => model.close?.()));
  return notices;
}

interface ShownAgent {
  readonly id: string;
  readonly type: string;
  readonly model: string | null;
  readonly address: string | null;
}

function shown({ id, backend }: AgentConfig): ShownAgent {
  const address = backend.type === "embedded" || backend.type === "local" ? null : new URL(addressOf(backend)).origin;
  return { id, type: backend.type, model: backend.model ?? null, address };
}

function tableOf(agents: readonly ShownAgent[]): readonly string[] {
  const width = Math.max(...agents.map(({ id }) => id.length));
  return agents.map(
    ({ id, type, model, address }) =>
      `${id.padEnd(width)}  ${type}/${model ?? "the model it has"}${address === null ? "" : `  ${address}`}`,
  );
}

function toFetch({ engine, model }: Missing): string {
  const parts = [
    ...(engine ? ["the embedded engine (about 85 MB)"] : []),
    ...(model === undefined ? [] : [`${model.name} (${sizeInWords(model.bytes)})`]),
  ];
  return `To be fetched first: ${parts.join(" and ")}.`;
}
