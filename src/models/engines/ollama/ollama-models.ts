import { isJson, type Json } from "../../backends/chatcompletion/wire.ts";
import type { EngineModel } from "../engine.ts";
import { type EngineServer, quietly } from "../engine-server.ts";
import { count, known, text } from "../sourced.ts";

const LIST = "/api/tags";
const RUNNING = "/api/ps";
const SHOW = "/api/show";
/** Models that are asked about at once. */
const AT_ONCE = 4;

/** The models in the store of an Ollama, with what is in memory of them. Newer versions tell in the list what older ones show one by one. */
export async function ollamaModels(server: EngineServer, signal: AbortSignal): Promise<readonly EngineModel[]> {
  const [tags, running] = await Promise.all([entriesOf(server, LIST, signal), runningModels(server, signal)]);
  const models: EngineModel[] = [];
  const left = tags.filter(({ name }) => text(name) !== undefined).entries();
  const describeNext = async (): Promise<void> => {
    for (const [place, tag] of left) models[place] = describe(tag, await details(server, tag, signal), running);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, describeNext));
  return models;
}

/** What is in memory, by `/api/ps`; nothing where that cannot be asked. */
export async function runningModels(server: EngineServer, signal: AbortSignal): Promise<readonly Json[] | undefined> {
  return quietly(entriesOf(server, RUNNING, signal));
}

/** Names without a tag mean `latest`. */
export function sameModel(one: string, other: string): boolean {
  return withTag(one) === withTag(other);
}

function withTag(name: string): string {
  return (name.split("/").at(-1) ?? "").includes(":") ? name : `${name}:latest`;
}

export async function entriesOf(server: EngineServer, path: string, signal: AbortSignal): Promise<readonly Json[]> {
  const list = await server.get(path, signal);
  return isJson(list) && Array.isArray(list.models) ? list.models.filter(isJson) : [];
}

interface Details {
  readonly capabilities: readonly unknown[] | undefined;
  readonly contextTrained: number | undefined;
  /** Where they were read. */
  readonly source: string;
}

async function details(server: EngineServer, tag: Json, signal: AbortSignal): Promise<Details> {
  const listed = isJson(tag.details) ? count(tag.details.context_length) : undefined;
  if (Array.isArray(tag.capabilities) && listed !== undefined) {
    return { capabilities: tag.capabilities, contextTrained: listed, source: LIST };
  }
  const shown = await quietly(server.post(SHOW, { model: tag.name }, signal));
  const page = isJson(shown) ? shown : {};
  const info = isJson(page.model_info) ? page.model_info : {};
  return {
    capabilities: Array.isArray(page.capabilities) ? page.capabilities : undefined,
    contextTrained: count(info[`${text(info["general.architecture"]) ?? ""}.context_length`]),
    source: SHOW,
  };
}

function describe(tag: Json, { capabilities, contextTrained, source }: Details, running: readonly Json[] | undefined): EngineModel {
  const id = String(tag.name);
  const runner = running?.find(({ name }) => name === id);
  const can = (capability: string): boolean | undefined => capabilities?.includes(capability);
  const capability = `capabilities of ${source}`;
  return {
    id,
    ...known("contextTrained", contextTrained, `context_length of ${source}`),
    ...known("contextLoaded", count(runner?.context_length), `context_length of ${RUNNING}`),
    ...known("quantization", isJson(tag.details) ? text(tag.details.quantization_level) : undefined, `quantization_level of ${LIST}`),
    ...known("sizeBytes", count(tag.size), `size of ${LIST}`),
    ...known("vision", can("vision"), capability),
    ...known("tools", can("tools"), capability),
    ...known("reasoning", can("thinking"), capability),
    ...known("loaded", running === undefined ? undefined : runner !== undefined, RUNNING),
    ...known(
      "remote",
      text(tag.remote_host) !== undefined || text(tag.remote_model) !== undefined ? true : undefined,
      `remote_host of ${LIST}`,
    ),
  };
}
