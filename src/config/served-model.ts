import { MassgenError } from "../core/errors.ts";
import type { Failure } from "../core/facts/outcome.ts";
import { someOf } from "../core/listed.ts";
import { nearestOf } from "../core/nearest.ts";
import type { EngineModel } from "../models/engines/engine.ts";
import type { ServedModel, ServerProbe } from "../models/backends/chatcompletion/probe-server.ts";

const OTHER_WORK = /embed|rerank|whisper|\btts\b/i;

/** Judged by the name alone: nothing else tells everywhere. */
export function canConverse(name: string): boolean {
  return !OTHER_WORK.test(name);
}

/** Whether a model may be taken unasked: one that converses, and that its engine does not merely pass on to a cloud. */
export function mayBeTaken({ id, remote }: EngineModel): boolean {
  return canConverse(id) && remote?.value !== true;
}

/** Which of the models that converse is taken where none is named: the only one in memory, else the only one. */
export function onlyOne<Model>(models: readonly Model[], isLoaded: (model: Model) => boolean): Model | undefined {
  const loaded = models.filter(isLoaded);
  const [first, ...others] = loaded.length === 1 ? loaded : models;
  return others.length === 0 ? first : undefined;
}

/** The models of a server that can hold a conversation. */
function chatModels(probe: ServerProbe): readonly ServedModel[] {
  return probe.models.filter(({ id }) => canConverse(id));
}

/** The model an agent is to use, and what a person should know about that. */
export interface PickedModel {
  readonly model: string;
  readonly notice?: string;
}

/** @param who names the agent and its place */
export function pickModel(
  { model, who, server }: { readonly model: string | undefined; readonly who: string; readonly server: string },
  probe: ServerProbe | Failure | undefined,
): PickedModel {
  if (model === undefined) return { model: onlyModel(who, server, probe) };
  if (probe === undefined || !("models" in probe) || isServed(model, probe)) return { model };
  return { model, notice: `${server} does not list the model "${model}" of ${who}; ${alternatives(model, chatModels(probe))}` };
}

/** A server with one model uses it whatever the name. Ollama adds a tag to names without one. */
function isServed(model: string, { kind, models }: ServerProbe): boolean {
  if (models.length === 0 || (models.length === 1 && (kind === "llamacpp" || kind === "lmstudio"))) return true;
  return models.some(({ id }) => id === model || id === `${model}:latest`);
}

function onlyModel(who: string, server: string, probe: ServerProbe | Failure | undefined): string {
  const hint = "Name one: model in the config, --model on the command line.";
  if (probe === undefined || !("models" in probe)) {
    const why = probe === undefined ? "" : `, and the server could not be asked: ${probe.message}`;
    throw new MassgenError("config", `No model is named for ${who}${why === "" ? "." : why}`, { hint });
  }
  const listed = chatModels(probe);
  // LM Studio lists all that was ever downloaded, and tells the context only of what is in memory.
  const only = onlyOne(listed, ({ contextTokens }) => probe.kind === "lmstudio" && contextTokens !== undefined);
  if (only !== undefined) return only.id;
  const offered = listed.length === 0 ? "offers none" : `offers several: ${someOf(listed.map(({ id }) => id))}`;
  throw new MassgenError("config", `No model is named for ${who}, and ${server} ${offered}.`, { hint });
}

function alternatives(wanted: string, models: readonly ServedModel[]): string {
  const names = models.map(({ id }) => id);
  const meant = nearestOf(wanted, names);
  return meant === undefined ? `it lists ${someOf(names)}.` : `did you mean "${meant}"?`;
}
