import { MassgenError } from "../core/errors.ts";
import { someOf } from "../core/listed.ts";
import { nearestOf } from "../core/nearest.ts";
import type { Engine, EngineModel } from "../models/engines/engine.ts";
import { sizeInWords } from "../models/files/catalogue.ts";
import { familyNamed } from "../models/files/families.ts";
import { type AttendedEngine, engineTrouble } from "./attend-engine.ts";
import { nameOf, type Surroundings } from "./council.ts";
import type { AgentConfig } from "./schema.ts";
import { canConverse, mayBeTaken, onlyOne } from "./served-model.ts";

interface PickedModel {
  readonly model: EngineModel;
  readonly notice?: string;
}

/** The model an agent is to use, with all the engine says of it; fetched where it is not there and that is allowed. */
export async function modelOfEngine(
  agent: AgentConfig,
  attended: AttendedEngine,
  around: Surroundings,
  signal: AbortSignal,
): Promise<PickedModel> {
  const { engine, models } = attended;
  const wanted = agent.backend.model;
  if (wanted === undefined) return { model: onlyModel(agent, attended) };
  const found = modelMeant(wanted, models);
  if (found !== undefined) return { model: found };
  const served = alone(engine, models);
  if (served !== undefined) {
    const notice = `${engine.name} serves ${served.id} whatever is asked for, so ${nameOf(agent)} uses that instead of ${wanted}.`;
    return { model: served, notice };
  }
  if (attended.probe.type !== "ready") return { model: { id: wanted } };
  const notice = `${engine.name} does not have the model "${wanted}" of ${nameOf(agent)}; ${alternatives(wanted, models)}`;
  const question = `${engine.name} does not have ${wanted}. Let it fetch that model?`;
  const isAllowed = engine.pull !== undefined && (agent.backend.autopull ?? (await around.allow(question, signal)));
  if (!isAllowed) return { model: { id: wanted }, notice };
  await pulled(engine, wanted, around, signal);
  return { model: modelNamed(wanted, await engine.models(signal)) ?? { id: wanted } };
}

/** Ollama adds a tag to names without one; LM Studio and people differ in case. */
export function modelNamed<Model extends { readonly id: string }>(name: string, models: readonly Model[]): Model | undefined {
  const same = (id: string, other: string): boolean => id === other || id === `${other}:latest`;
  return models.find(({ id }) => same(id, name)) ?? models.find(({ id }) => same(id.toLowerCase(), name.toLowerCase()));
}

/** The model of that name, else a build of the family that people know by it. */
export function modelMeant<Model extends { readonly id: string }>(name: string, models: readonly Model[]): Model | undefined {
  return modelNamed(name, models) ?? models.find(({ id }) => familyNamed(name)?.isIt.test(id.toLowerCase()) === true);
}

/** Servers with one model answer with it whatever the name. */
function alone({ kind }: Engine, models: readonly EngineModel[]): EngineModel | undefined {
  const answersToAll = kind === "llamacpp" || kind === "sglang";
  return answersToAll && models.length === 1 ? models[0] : undefined;
}

function onlyModel(agent: AgentConfig, { engine, models, probe }: AttendedEngine): EngineModel {
  const chat = models.filter(mayBeTaken);
  const only = onlyOne(chat, ({ loaded }) => loaded?.value === true);
  if (only !== undefined) return only;
  const why =
    chat.length > 0
      ? `has several: ${someOf(chat.map(({ id }) => id))}`
      : probe.type === "ready"
        ? "has none"
        : "could not be asked for one";
  throw new MassgenError("config", `No model is named for ${nameOf(agent)}, and ${engine.name} ${why}.`, {
    hint: "Name one: model in the config, --model on the command line.",
  });
}

function alternatives(wanted: string, models: readonly EngineModel[]): string {
  const ids = models.map(({ id }) => id).filter(canConverse);
  const meant = nearestOf(wanted, ids);
  if (meant !== undefined) return `did you mean "${meant}"?`;
  return ids.length === 0 ? "it has none." : `it has ${someOf(ids)}.`;
}

async function pulled(engine: Engine, wanted: string, { tell }: Surroundings, signal: AbortSignal): Promise<void> {
  try {
    for await (const { receivedBytes, totalBytes, doing } of engine.pull?.(wanted, signal) ?? []) {
      const of = totalBytes === undefined ? "" : ` of ${sizeInWords(totalBytes)}`;
      tell(`${engine.name} fetches ${wanted}: ${receivedBytes === undefined ? (doing ?? "…") : `${sizeInWords(receivedBytes)}${of}`}`);
    }
  } catch (error) {
    throw engineTrouble(error, engine);
  } finally {
    tell("");
  }
}

/**
 * Whether the model may be loaded, for all that config and person say: undefined where they say nothing, or where it is there or comes by
 * itself.
 */
export async function mayLoad(
  { backend }: AgentConfig,
  { engine, model }: { readonly engine: Engine; readonly model: EngineModel },
  { allow }: Surroundings,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  if (backend.autoload !== undefined) return backend.autoload;
  if (engine.load === undefined || engine.loadsUnasked || model.loaded?.value !== false) return undefined;
  const size = model.sizeBytes === undefined ? "" : ` (${sizeInWords(model.sizeBytes.value)})`;
  return allow(`${model.id}${size} is not in memory. Have ${engine.name} load it?`, signal);
}
