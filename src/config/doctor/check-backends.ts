import { someOf } from "../../core/listed.ts";
import { nearestOf } from "../../core/nearest.ts";
import { type BackendType, isServedKind } from "../backend-names.ts";
import { MassgenError } from "../../core/errors.ts";
import { servedEngines } from "../../models/engines/served-engines.ts";
import { modelNamed } from "../model-of-engine.ts";
import { startHint } from "../local-servers.ts";
import { placeOf, type ServerPlace } from "../place-of.ts";
import { resolveLocal } from "../resolve-local.ts";
import type { EngineModel } from "../../models/engines/engine.ts";
import type { AgentConfig, BackendConfig } from "../schema.ts";
import { mayBeTaken, onlyOne } from "../served-model.ts";
import { nameOf, type Surroundings } from "../council.ts";
import { effortOf } from "../../models/catalogue/effort-of.ts";
import { backends, isCloudType } from "../../models/backends/backends.ts";
import { reachOf } from "../base-url.ts";
import { knownCloudAt } from "../known-clouds.ts";
import { findKey } from "../keys.ts";
import { type Answer, askBackend, type Server } from "./ask-backend.ts";
import { type Check, type Finding, type Status, timed } from "./check.ts";
import { checkEmbeddedBackend } from "./embedded-backend.ts";
import { counted } from "./words.ts";

/** Of an agent: what its model takes where that is known. */
export interface Seated {
  readonly agent: AgentConfig;
  readonly answer?: Answer;
  readonly model?: EngineModel;
}

export interface BackendChecks {
  readonly checks: readonly Check[];
  readonly seated: readonly Seated[];
}

export interface Looking {
  readonly around: Surroundings;
  readonly now: () => number;
  /** Longest that a server may take, in milliseconds. */
  readonly lookMs: number;
  readonly signal: AbortSignal;
  /** For servers out in the world, which answer later than those around here. */
  readonly far?: Pick<Looking, "lookMs" | "signal">;
}

/** Every backend of a config at once, each at its own address with its own key; a server that several agents share is asked once. */
export async function checkBackends(agents: readonly AgentConfig[], looking: Looking): Promise<BackendChecks> {
  const asked = new Map<string, Promise<Answer>>();
  const ask = (server: Server): Promise<Answer> => {
    const id = JSON.stringify(server);
    const { lookMs, signal } = reachOf(server.baseUrl) === "public" ? (looking.far ?? looking) : looking;
    const answer = asked.get(id) ?? askBackend(server, lookMs, signal);
    asked.set(id, answer);
    return answer;
  };
  const looks = await Promise.all(
    agents.map(async (agent) => {
      let seated: Seated = { agent };
      const check = await timed({ section: "backends", check: "backend", target: nameOf(agent) }, looking.now, async () => {
        const { finding, ...found } = await lookAtBackend(agent, looking, ask);
        seated = { agent, ...found };
        return finding;
      });
      return { check, seated };
    }),
  );
  return { checks: looks.map(({ check }) => check), seated: looks.map(({ seated }) => seated) };
}

type Looked = Omit<Seated, "agent"> & { readonly finding: Finding };

type Ask = (server: Server) => Promise<Answer>;

async function lookAtBackend(agent: AgentConfig, looking: Looking, ask: Ask): Promise<Looked> {
  const { backend } = agent;
  const { around } = looking;
  if (backend.type === "local") return lookAtLocal(agent, looking, ask);
  if (backend.type === "embedded") return checkEmbeddedBackend(backend, around);
  if (backend.type === "ai_sdk") return { finding: await packageFinding(agent) };
  if (backend.type === "claude_code") return { finding: (await import("../claude-code-seat.ts")).claudeCodeFinding(agent, around) };
  return lookAtServer(agent, looking, ask);
}

async function lookAtServer({ backend }: AgentConfig, { around }: Looking, ask: Ask): Promise<Looked> {
  const place = placeFound(backend, around);
  if ("status" in place) return { finding: place };
  const { baseUrl, ownKey } = place;
  const { origin, host } = new URL(baseUrl);
  const { key, missing, warning } = findKey(baseUrl, ownKey, around.environment, backend.type === "lmstudio");
  if (missing !== undefined) {
    const hint = `Set the variable ${missing}, or api_key in the config.`;
    return { finding: { status: "failed", text: `there is no key for ${host}`, hint } };
  }
  const answer = await ask({ type: backend.type, baseUrl, ...(key !== undefined && { apiKey: key }) });
  if (answer.type !== "ready") return { answer, finding: notReady(answer, backend.type, baseUrl) };
  const { finding, model } = modelFinding(wantedOf(backend, baseUrl), answer.models, isServedKind(backend.type));
  const version = answer.version === undefined ? "" : `, version ${answer.version}`;
  const text = `${origin} is ready${version}; ${finding.text}`;
  const told = { ...finding, state: "ready" as const, text };
  return {
    answer,
    ...(model && { model }),
    finding: warning === undefined || finding.status === "failed" ? told : { ...told, status: "warning", hint: warning },
  };
}

/** Nothing is loaded for a look: a package is code. */
async function packageFinding(agent: AgentConfig): Promise<Finding> {
  const { packageOf } = await import("../ai-sdk-seat.ts");
  const name = String(agent.backend.fields?.["package"]);
  const installed = packageOf(agent);
  if (installed === undefined) return { status: "failed", text: `the package ${name} is not installed`, hint: `npm install ${name}` };
  return { status: "ok", text: `the package ${name} ${installed.version} is installed` };
}

/** What a run would take for `type: local` today. */
async function lookAtLocal(agent: AgentConfig, looking: Looking, ask: Ask): Promise<Looked> {
  try {
    const { agents, notices } = await resolveLocal([agent], looking.around, looking.signal);
    const [resolved = agent] = agents;
    const looked = await lookAtBackend(resolved, looking, ask);
    const [notice] = notices;
    if (notice === undefined || looked.finding.status !== "ok") return looked;
    return { ...looked, finding: { ...looked.finding, status: "warning", hint: notice } };
  } catch (error) {
    if (looking.signal.aborted) return { finding: { status: "unknown", text: "looking for its model was cut off", hint: "Look again." } };
    if (!(error instanceof MassgenError)) throw error;
    return { finding: { status: "failed", text: error.message, ...(error.hint !== undefined && { hint: error.hint }) } };
  }
}

const severity: Readonly<Record<Exclude<Answer["type"], "ready">, Status>> = {
  loading: "warning",
  down: "failed",
  refused: "failed",
  other: "failed",
  unknown: "unknown",
};

/** What a run would take, which a variable may say. */
export function placeFound(backend: BackendConfig, { environment }: Surroundings): ServerPlace | Finding {
  try {
    return placeOf(backend, environment);
  } catch (error) {
    return { status: "failed", text: error instanceof Error ? error.message : String(error) };
  }
}

function notReady({ type: state, why }: Exclude<Answer, { type: "ready" }>, type: BackendType, baseUrl: string): Finding {
  const { origin } = new URL(baseUrl);
  const text = why.includes(origin) ? why : `${origin}: ${why}`;
  const hints: Readonly<Record<typeof state, string>> = {
    loading: "Wait a little and look again.",
    down: startHint(baseUrl, isServedKind(type) ? servedEngines[type] : undefined),
    refused: "Correct api_key, or the variable that holds the key of this host.",
    other: "Correct base_url: another program has this address.",
    unknown: "It was cut off and may be busy. Look again, or restart it.",
  };
  return { state, status: severity[state], text, hint: hints[state] };
}

/** The model as its provider knows it; clouds have one that is usual. */
function wantedOf({ model, type }: BackendConfig, baseUrl: string): string | undefined {
  if (isServedKind(type)) return model;
  const named = model ?? (isCloudType(type) ? backends[type].model : knownCloudAt(baseUrl)?.model);
  return named === undefined || reachOf(baseUrl) !== "public" ? named : effortOf(named).model;
}

interface ModelLookedAt {
  readonly finding: Finding;
  readonly model?: EngineModel;
}

/** Whether the model is there. Engines tell all they have; of other servers nobody knows whether their list is whole. */
function modelFinding(wanted: string | undefined, models: readonly EngineModel[], isEngine: boolean): ModelLookedAt {
  if (wanted === undefined) return onlyModel(models);
  const model = modelNamed(wanted, models);
  if (model === undefined) return missing(wanted, models, isEngine);
  const memory = model.loaded === undefined ? "there" : model.loaded.value ? "in memory" : "not in memory yet";
  return { model, finding: { status: "ok", text: `its model ${model.id} is ${memory}` } };
}

function missing(wanted: string, models: readonly EngineModel[], isEngine: boolean): ModelLookedAt {
  const ids = models.map(({ id }) => id);
  if (ids.length === 0) return { finding: { status: "warning", text: `it lists no models, so ${wanted} may be missing` } };
  const meant = nearestOf(wanted, ids);
  const hint = meant === undefined ? `It has ${someOf(ids)}.` : `Did you mean ${meant}?`;
  const text = `it does not list the model ${wanted}`;
  const [only] = models;
  // An engine that was started with one model answers with it whatever the name.
  if (isEngine && models.length === 1 && only?.loaded?.value === true)
    return { model: only, finding: { status: "warning", text: `${text} and may answer with ${only.id}`, hint } };
  return { finding: { status: isEngine ? "failed" : "warning", text, hint } };
}

function onlyModel(models: readonly EngineModel[]): ModelLookedAt {
  const able = models.filter(mayBeTaken);
  const model = onlyOne(able, ({ loaded }) => loaded?.value === true);
  if (model !== undefined) return { model, finding: { status: "ok", text: `no model is named; it has one, ${model.id}` } };
  const isNone = able.length === 0;
  const text = `no model is named, and it has ${isNone ? "none" : counted(able.length, "model")}`;
  const hint = isNone ? "Fetch a model with it." : `Name one: ${someOf(able.map(({ id }) => id))}.`;
  return { finding: { status: "failed", text, hint } };
}
