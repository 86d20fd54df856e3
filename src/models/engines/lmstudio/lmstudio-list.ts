import { APICallError } from "@ai-sdk/provider";
import { isJson, type Json } from "../../backends/chatcompletion/wire.ts";
import { answeredBadly } from "../../http/ask-server.ts";
import type { EngineModel } from "../engine.ts";
import type { EngineServer } from "../engine-server.ts";
import { count, known, text, truth } from "../sourced.ts";

/** A model that LM Studio has. */
export interface Listed {
  readonly model: EngineModel;
  /** What it is called in memory, once for each copy; empty where it is not there, absent where that is not told. */
  readonly instances?: readonly string[];
}

export interface LmStudioList {
  /** The newest interface it has: `v1` since 0.4, `v0` since 0.3.6. Only `v1` can load. */
  readonly api: "v1" | "v0" | "openai";
  readonly models: readonly Listed[];
}

const V1 = "/api/v1/models";
const V0 = "/api/v0/models";
const OPENAI = "/v1/models";

/** What can hold a conversation, as the newest interface that is there tells it. A path that is not there answers 200 with an error. */
export async function listLmStudio(server: EngineServer, signal: AbortSignal): Promise<LmStudioList> {
  const v1 = entriesIn(await ifThere(server.get(V1, signal)), "models");
  if (v1 !== undefined) return { api: "v1", models: v1.filter(converses).flatMap(fromV1) };
  const v0 = entriesIn(await ifThere(server.get(V0, signal)), "data");
  if (v0 !== undefined) return { api: "v0", models: withoutCopies(v0.filter(converses)).flatMap(fromV0) };
  const body = await server.get(OPENAI, signal);
  const names = entriesIn(body, "data");
  if (names === undefined) throw answeredBadly(`${server.origin}${OPENAI}`, body);
  return { api: "openai", models: withoutCopies(names).flatMap(({ id }) => (typeof id === "string" ? [{ model: { id } }] : [])) };
}

async function ifThere(asked: Promise<unknown>): Promise<unknown> {
  try {
    return await asked;
  } catch (error) {
    if (APICallError.isInstance(error) && error.statusCode === 404) return undefined;
    throw error;
  }
}

function entriesIn(body: unknown, name: string): readonly Json[] | undefined {
  const entries = isJson(body) ? body[name] : undefined;
  return Array.isArray(entries) ? entries.filter(isJson) : undefined;
}

/** `embedding` in one interface, `embeddings` in the other. */
function converses({ type }: Json): boolean {
  return typeof type !== "string" || !type.startsWith("embedding");
}

/** A second copy in memory is called `KEY:2`. */
function isCopy(id: string, key: string): boolean {
  return id === key || (id.startsWith(`${key}:`) && /^\d+$/u.test(id.slice(key.length + 1)));
}

function withoutCopies(entries: readonly Json[]): readonly Json[] {
  return entries.filter(({ id }) => !entries.some(({ id: key }) => id !== key && isCopy(String(id), String(key))));
}

/** A copy that a person gave a name of its own is listed under that name too. */
function fromV1(entry: Json): readonly Listed[] {
  const key = text(entry.key);
  if (key === undefined) return [];
  const instances = entriesIn(entry, "loaded_instances") ?? [];
  const ids = instances.flatMap(({ id }) => text(id) ?? []);
  const capabilities = isJson(entry.capabilities) ? entry.capabilities : {};
  const { name: quantization } = isJson(entry.quantization) ? entry.quantization : {};
  const facts = {
    ...known("contextTrained", count(entry.max_context_length), `max_context_length of ${V1}`),
    ...known("quantization", text(quantization), `quantization of ${V1}`),
    ...known("sizeBytes", count(entry.size_bytes), `size_bytes of ${V1}`),
    ...known("vision", truth(capabilities.vision), `capabilities of ${V1}`),
    ...known("tools", truth(capabilities.trained_for_tool_use), `capabilities of ${V1}`),
    ...known("reasoning", isJson(capabilities.reasoning) ? true : truth(capabilities.reasoning), `capabilities of ${V1}`),
    loaded: { value: ids.length > 0, source: `loaded_instances of ${V1}` },
  };
  const asKey = instances.find(({ id }) => id === key) ?? instances[0];
  const ownNames = instances.filter(({ id }) => typeof id === "string" && !isCopy(id, key));
  return [
    { model: { id: key, ...facts, ...configOf(asKey) }, instances: ids },
    ...ownNames.map((instance) => ({
      model: { id: String(instance.id), ...facts, ...configOf(instance) },
      instances: [String(instance.id)],
    })),
  ];
}

function configOf(instance: Json | undefined): Pick<EngineModel, "contextLoaded" | "slots"> {
  const config = isJson(instance?.config) ? instance.config : {};
  return {
    ...known("contextLoaded", count(config.context_length), `context_length of its instance in ${V1}`),
    ...known("slots", count(config.parallel), `parallel of its instance in ${V1}`),
  };
}

function fromV0(entry: Json): readonly Listed[] {
  const id = text(entry.id);
  if (id === undefined) return [];
  const state = text(entry.state);
  const model = {
    id,
    ...known("contextTrained", count(entry.max_context_length), `max_context_length of ${V0}`),
    ...known("contextLoaded", count(entry.loaded_context_length), `loaded_context_length of ${V0}`),
    ...known("quantization", text(entry.quantization), `quantization of ${V0}`),
    ...known("vision", entry.type === undefined ? undefined : entry.type === "vlm", `type of ${V0}`),
    ...known("tools", Array.isArray(entry.capabilities) ? entry.capabilities.includes("tool_use") : undefined, `capabilities of ${V0}`),
    ...known("loaded", state === undefined ? undefined : state === "loaded", `state of ${V0}`),
  };
  return [{ model, ...(state === undefined ? {} : { instances: state === "loaded" ? [id] : [] }) }];
}
