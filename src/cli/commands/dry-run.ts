import { redactText } from "../../log/redaction.ts";
import type { BackendType } from "../../config/backend-names.ts";
import { knownCloudAt } from "../../config/known-clouds.ts";
import { placeOf } from "../../config/place-of.ts";
import type { Missing, Surroundings } from "../../config/council.ts";
import type { Environment } from "../../config/interpolate.ts";
import { resolveLocal } from "../../config/resolve-local.ts";
import type { AgentConfig } from "../../config/schema.ts";
import { listed } from "../../core/listed.ts";
import { backends, isCloudType } from "../../models/backends/backends.ts";
import { sizeInWords } from "../../models/files/catalogue.ts";
import { readAllowed } from "../allowed.ts";
import type { AskOptions } from "../ask-options.ts";
import type { TakenFile } from "../../files/take-in.ts";
import { attachmentText } from "../../views/attachment-text.ts";
import { interruptible } from "../interruptible.ts";
import { filesOf } from "../open-council.ts";
import { planCouncil, type PlannedCouncil, seatCouncil } from "../seat-council.ts";
import type { Session } from "../session.ts";
import { checkSeats } from "../check-seats.ts";
import { surroundingsOf } from "../surroundings.ts";

/** Shows the council that would be asked, on standard output; asks no model, loads, starts and fetches nothing. */
export async function dryRun(options: AskOptions, session: Session): Promise<number> {
  const { io, output, narrator } = session;
  const missing: Missing[] = [];
  const around = lookingOnly(surroundingsOf(session), missing);
  const planned = await interruptible(io, async (signal) =>
    resolved(await planCouncil({ ...options, isCloudAllowed: readAllowed(session).cloud }, around, signal), around, signal),
  );
  for (const secret of planned.plan.secrets ?? []) session.secrets.add(secret);
  const files = await filesOf([...(planned.attachments ?? []), ...options.attachments]);
  const found = await interruptible(io, (signal) => noticesOf(planned, { around, missing, files }, signal));
  const notices = found.map(({ level, text }) => ({ level, text: redactText(text, [...session.secrets]) }));
  for (const { level, text } of notices) narrator.line({ tone: level === "warning" ? "warning" : "plain", text });
  for (const text of new Set(missing.map(toFetch))) narrator.line({ tone: "plain", text });
  const agents = planned.plan.agents.map((agent) => shown(agent, io.environment));
  const lines = output.json ? [JSON.stringify({ agents, notices })] : tableOf(agents);
  for (const line of lines) io.stdout.write(`${line}\n`);
  await io.stdout.flushed();
  return 0;
}

function lookingOnly(surroundings: Surroundings, missing: Missing[]): Surroundings {
  const { openServer: _, ...rest } = surroundings;
  return { ...rest, allow: async () => undefined, offer: async (what) => void missing.push(what) };
}

/** Which engines agents of type `local` would sit on. */
async function resolved({ plan, notices, ...frame }: PlannedCouncil, around: Surroundings, signal: AbortSignal): Promise<PlannedCouncil> {
  const { agents, notices: found } = await resolveLocal(plan.agents, around, signal);
  return { ...frame, plan: { ...plan, agents }, notices: [...notices, ...found.map((text) => ({ level: "warning" as const, text }))] };
}

interface Looking {
  readonly around: Surroundings;
  readonly missing: readonly Missing[];
  readonly files: readonly TakenFile[];
}

/** Building the council shows what is not there and what has to take turns; it is given back at once. What is to be fetched cannot be built. */
async function noticesOf(
  planned: PlannedCouncil,
  { around, missing, files }: Looking,
  signal: AbortSignal,
): Promise<PlannedCouncil["notices"]> {
  if (missing.length > 0) return planned.notices;
  try {
    const agents = planned.plan.agents.map(onlyLooking);
    const { council, notices } = await seatCouncil({ ...planned, plan: { ...planned.plan, agents } }, around, signal);
    await Promise.all(council.seats.map(async ({ model }) => model.close?.()));
    const lacking = checkSeats(files, council.seats).map((text) => ({ level: "warning" as const, text }));
    const taken = files.map(({ attachment }) => ({ level: "info" as const, text: `With ${attachmentText(attachment)}` }));
    return [...notices, ...taken, ...lacking];
  } catch (error) {
    if (missing.length === 0) throw error;
    return planned.notices;
  }
}

/** What a config allows a run is not done for a look. */
function onlyLooking({ backend, ...agent }: AgentConfig): AgentConfig {
  return { ...agent, backend: { ...backend, autostart: false, autopull: false } };
}

interface ShownAgent {
  readonly id: string;
  readonly type: string;
  readonly model: string | null;
  readonly address: string | null;
  /** Of the MCP servers that a run would start, and nothing else starts here. */
  readonly mcp_servers?: readonly string[];
}

function shown({ id, backend, mcp_servers: servers }: AgentConfig, environment: Environment): ShownAgent {
  const hasNone = ["embedded", "local"].includes(backend.type) || (backend.type === "ai_sdk" && backend.base_url === undefined);
  const baseUrl = hasNone ? undefined : placeOf(backend, environment).baseUrl;
  const address = baseUrl === undefined ? null : new URL(baseUrl).origin;
  const names = servers && { mcp_servers: servers.map(({ name }) => name) };
  return { id, type: backend.type, model: backend.model ?? usualModel(backend.type, baseUrl) ?? null, address, ...names };
}

/** What a cloud is asked for that a config names no model of. */
function usualModel(type: BackendType, baseUrl: string | undefined): string | undefined {
  if (isCloudType(type)) return backends[type].model;
  return type === "chatcompletion" && baseUrl !== undefined ? knownCloudAt(baseUrl)?.model : undefined;
}

function tableOf(agents: readonly ShownAgent[]): readonly string[] {
  const width = Math.max(...agents.map(({ id }) => id.length));
  return agents.map(
    ({ id, type, model, address, mcp_servers: servers }) =>
      `${id.padEnd(width)}  ${type}/${model ?? "the model it has"}${address === null ? "" : `  ${address}`}${
        servers === undefined ? "" : `  with the tools of ${listed(servers)}`
      }`,
  );
}

function toFetch({ engine, model }: Missing): string {
  const parts = [
    ...(engine ? ["the embedded engine (about 85 MB)"] : []),
    ...(model === undefined ? [] : [`${model.name} (${sizeInWords(model.bytes)})`]),
  ];
  return `To be fetched first: ${parts.join(" and ")}.`;
}
