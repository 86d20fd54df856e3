import type { Accepts } from "../core/facts/attachment.ts";
import { modelFacts } from "../models/catalogue/model-facts.ts";
import type { ServedKind } from "../models/engines/served-engines.ts";
import { experienceKey } from "../models/experience-store.ts";
import type { Engine, EngineModel } from "../models/engines/engine.ts";
import { type SeatOptions, seatModel } from "../models/engines/seat-model.ts";
import { withoutUndefined } from "../core/without-undefined.ts";
import { type AttendedEngine, type AttendEngine } from "./attend-engine.ts";
import { reachOf } from "./base-url.ts";
import { acceptsOf } from "./accepts-of.ts";
import { type BuiltSeat, samplingOf, seatOf, type Surroundings } from "./council.ts";
import { mayLoad, modelOfEngine } from "./model-of-engine.ts";
import { findKey, secretsAmong } from "./keys.ts";
import { addressOf, notRunning } from "./local-servers.ts";
import type { AgentConfig, BackendConfig } from "./schema.ts";

/** What an agent on a local engine is built with. */
export interface EngineSeating {
  readonly around: Surroundings;
  readonly attend: AttendEngine;
}

/**
 * Seats an agent whose model is on a local engine. An engine that does not run costs this agent, not the council.
 * @throws MassgenError `config` where the engine refuses the key, something else answers, or no model can be told
 */
export async function engineSeat(agent: AgentConfig, { around, attend }: EngineSeating, signal: AbortSignal): Promise<BuiltSeat> {
  const { backend } = agent;
  const kind = backend.type as ServedKind;
  const baseUrl = addressOf(backend);
  const { key, warning } = findKey(baseUrl, backend.api_key, around.environment, kind === "lmstudio");
  const attended = await attend({ kind, baseUrl, key, autostart: backend.autostart }, signal);
  const { engine, probe } = attended;
  const isDown = probe.type === "down" && reachOf(baseUrl) === "loopback";
  if (isDown && backend.model === undefined) throw notRunning([{ agent, baseUrl, why: attended.trouble }]);
  const { model, notice } = await modelOfEngine(agent, attended, around, signal);
  const autoload = await mayLoad(agent, { engine, model }, around, signal);
  const isRefused = autoload === false && model.loaded?.value === false;
  const seat = await seatModel(
    engine,
    model,
    seatOptions({ ...backend, model: model.id }, autoload, around, experienceKey(kind, engine.origin, model.id)),
    signal,
  );
  return {
    seat: seatOf(agent, seat),
    backend: { ...backend, base_url: baseUrl, model: model.id },
    secrets: secretsAmong(key === undefined ? [] : [key]),
    notices: [warning, attended.trouble, notice, unsure(attended), unloaded(engine, model, autoload)].filter((text) => text !== undefined),
    ...(!isRefused && {
      engine: { engine, model, isLoadedByUs: autoload === true, ...(backend.max_loaded_models && { most: backend.max_loaded_models }) },
    }),
    ...(isDown && { refusedAt: baseUrl, whyRefused: attended.trouble }),
  };
}

function seatOptions(backend: BackendConfig, autoload: boolean | undefined, { experience }: Surroundings, key: string): SeatOptions {
  const ttl = backend.ttl ?? backend.keep_alive;
  return {
    sampling: samplingOf(backend),
    experience: experience(key),
    ...withoutUndefined<Pick<SeatOptions, "autoload" | "accepts" | "contextTokens" | "slots" | "ttlSeconds" | "body">>({
      autoload,
      accepts: acceptsOf(backend) ?? byName(backend),
      contextTokens: backend.context_length,
      slots: backend.parallel,
      ttlSeconds: ttl === undefined ? undefined : idleSeconds(ttl, backend.type),
      body: backend.extra_body,
    }),
  };
}

/** vLLM alone does not tell whether a model sees; the names of open models that do say so. */
function byName({ type, model }: BackendConfig): Accepts | undefined {
  return type === "vllm" && model !== undefined ? { images: modelFacts("chatcompletion", model).input.images, pdf: false } : undefined;
}

/** For ever is below zero. LM Studio has no word for that: what is loaded without an idle time stays. */
function idleSeconds(ttlMs: number, type: BackendConfig["type"]): number | undefined {
  if (ttlMs < 0) return type === "lmstudio" ? undefined : ttlMs;
  return Math.ceil(ttlMs / 1000);
}

/** Of an engine that loads what it is asked for only if its own settings say so. */
function unloaded({ name, loadsUnasked }: Engine, { id, loaded }: EngineModel, autoload: boolean | undefined): string | undefined {
  if (loadsUnasked || autoload !== undefined || loaded?.value !== false) return undefined;
  return `${id} is not in memory: ${name} loads it when it is asked, if it is set to; autoload: true has it loaded beforehand.`;
}

/** What is not known for sure is said. */
function unsure({ engine, probe }: AttendedEngine): string | undefined {
  if (probe.type === "unknown") return `${probe.why.replace(/\.$/u, "")}, so nothing is known of it.`;
  return probe.type === "loading" ? `${engine.name} is still loading its model.` : undefined;
}
