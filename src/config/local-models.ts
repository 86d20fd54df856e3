import type { Looking, Place } from "../models/engines/discover.ts";
import type { Engine, EngineModel } from "../models/engines/engine.ts";
import { defaultAddress, servedEngines, type ServedKind } from "../models/engines/served-engines.ts";
import { failureOf } from "../models/failure-of.ts";
import type { Surroundings } from "./council.ts";
import type { Environment } from "./interpolate.ts";
import { findKey, isLmStudioTokenSet } from "./keys.ts";
import type { BackendConfig } from "./schema.ts";
import { canConverse, mayBeTaken } from "./served-model.ts";

/** A model that a server of this machine offers for conversation. */
export interface LocalModel {
  readonly id: string;
  readonly place: { readonly title: string; readonly baseUrl: string };
  readonly backend: BackendConfig;
  /** Whether it is in memory; servers with one model have it there. */
  readonly isLoaded: boolean;
  readonly sizeBytes?: number;
}

/** What there is on this machine. */
export interface LocalModels {
  readonly models: readonly LocalModel[];
  /** Engines that answer, also those that have no model yet. */
  readonly engines: readonly { readonly kind: ServedKind; readonly title: string; readonly baseUrl: string }[];
  /** What kept something from answering. */
  readonly notices: readonly string[];
}

/** Time for a server that answered to name its models, in milliseconds. */
const LISTING_MS = 500;

/** All that answers on the usual ports of this machine, in the order of preference. */
export async function localModels(around: Surroundings, signal: AbortSignal): Promise<LocalModels> {
  const places = await around.discover(lookingIn(around.environment), signal);
  const asked = await Promise.all(places.map(async (place) => modelsAt(place, around, signal)));
  signal.throwIfAborted();
  return {
    models: asked.flatMap(({ models }) => models),
    engines: places.flatMap(({ origin, answerer }) =>
      answerer.type === "engine" ? [{ kind: answerer.kind, title: servedEngines[answerer.kind].title, baseUrl: `${origin}/v1` }] : [],
    ),
    notices: asked.flatMap(({ notice }) => notice ?? []),
  };
}

/** Where to look: at the usual ports and where OLLAMA_HOST says, or just where MASSGEN_ENGINES says (addresses with commas between). */
export function lookingIn(environment: Environment): Looking {
  const named = environment["MASSGEN_ENGINES"];
  const ollama = addressesIn(environment["OLLAMA_HOST"] ?? "", 11434);
  return named === undefined ? { also: ollama } : { at: addressesIn(named, 80) };
}

/** Addresses as people write them: with or without a scheme, with or without a port. */
function addressesIn(text: string, port: number): readonly string[] {
  const written = text.split(",").map((address) => address.trim());
  return written
    .filter((address) => address !== "")
    .map((address) => {
      if (/^https?:/u.test(address)) return address;
      return `http://${/:\d+$/u.test(address) ? address : `${address}:${port}`}`;
    });
}

function lmStudioKey(environment: Environment): string | undefined {
  return findKey(defaultAddress("lmstudio"), undefined, environment, true).key;
}

interface Asked {
  readonly models: readonly LocalModel[];
  readonly notice?: string;
}

async function modelsAt(place: Place, around: Surroundings, signal: AbortSignal): Promise<Asked> {
  const { answerer, origin } = place;
  if (answerer.type === "openai-compatible") return compatible(origin, around, signal);
  if (answerer.type === "locked") {
    return { models: [], notice: `A server at ${origin} wants a key and is left out: name it in a config, with api_key.` };
  }
  if (answerer.type !== "engine") return { models: [] };
  const { kind } = answerer;
  const key = kind === "lmstudio" ? lmStudioKey(around.environment) : undefined;
  const engine = await around.createEngine(kind, { baseUrl: origin, ...(key !== undefined && { apiKey: key }) });
  try {
    const models = await engine.models(AbortSignal.any([signal, AbortSignal.timeout(LISTING_MS)]));
    const title = servedEngines[kind].title;
    return { models: models.filter(mayBeTaken).map((model) => localModel(model, { title, origin }, { type: kind })) };
  } catch (error) {
    return { models: [], notice: leftOut(engine, error, isLmStudioTokenSet(around.environment)) };
  }
}

function leftOut({ kind, name }: Engine, error: unknown, hasToken: boolean): string {
  if (failureOf(error, name, 0).kind !== "auth") return `${name} answers but did not name its models in time, so it is left out.`;
  if (kind === "lmstudio" && hasToken)
    return `${name} does not accept the token in LM_API_TOKEN and is left out: set it to one that LM Studio made.`;
  const remedy = kind === "lmstudio" ? "set the variable LM_API_TOKEN" : "name it in a config, with api_key";
  return `${name} wants a key and is left out: ${remedy}.`;
}

function localModel(
  { id, loaded, sizeBytes }: EngineModel,
  { title, origin }: { readonly title: string; readonly origin: string },
  backend: Pick<BackendConfig, "type">,
): LocalModel {
  const baseUrl = `${origin}/v1`;
  return {
    id,
    place: { title, baseUrl },
    backend: { ...backend, model: id, base_url: baseUrl },
    isLoaded: loaded?.value ?? true,
    ...(sizeBytes === undefined ? {} : { sizeBytes: sizeBytes.value }),
  };
}

async function compatible(origin: string, { probe }: Surroundings, signal: AbortSignal): Promise<Asked> {
  const answer = await probe(`${origin}/v1`, { timeoutMs: LISTING_MS }, signal);
  if (!("models" in answer)) return { models: [] };
  const place = { title: "a server with the OpenAI protocol", origin };
  const models = answer.models.filter(({ id }) => canConverse(id));
  return { models: models.map(({ id }) => localModel({ id }, place, { type: "chatcompletion" })) };
}
