import { MassgenError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { families, type Family, familyNamed } from "../models/files/families.ts";
import { sizeInWords } from "../models/files/catalogue.ts";
import { nameOf, type Surroundings } from "./council.ts";
import { type LocalModel, type LocalModels, localModels } from "./local-models.ts";
import { pickModels } from "./pick-models.ts";
import type { AgentConfig, BackendConfig } from "./schema.ts";

/** Agents whose backends are all named now, and what a person should know about that. */
export interface Resolved {
  readonly agents: readonly AgentConfig[];
  readonly notices: readonly string[];
}

/**
 * Finds for every agent of type `local` an engine of this machine that has its model, whatever the engine calls it: in memory or on disk, else
 * one that may fetch it, else the embedded engine where its catalogue has it, else the best model there is instead.
 * @throws MassgenError `config` where nothing on this machine can stand in, with what to do
 */
export async function resolveLocal(agents: readonly AgentConfig[], around: Surroundings, signal: AbortSignal): Promise<Resolved> {
  if (!agents.some(({ backend }) => backend.type === "local")) return { agents, notices: [] };
  const here = await localModels(around, signal);
  const asking = { ...around, allow: askedOnce(around.allow) };
  const resolved: AgentConfig[] = [];
  const told = [...here.notices];
  for (const agent of agents) {
    const found = agent.backend.type === "local" ? await resolve(agent, here, asking, signal) : { backend: agent.backend };
    resolved.push({ ...agent, backend: found.backend });
    if (found.notice !== undefined) told.push(found.notice);
  }
  return { agents: resolved, notices: [...new Set(told)] };
}

/** Agents of one model cause one question. */
function askedOnce(allow: Surroundings["allow"]): Surroundings["allow"] {
  const answers = new Map<string, Promise<boolean | undefined>>();
  return (question, signal) => {
    const answer = answers.get(question) ?? allow(question, signal);
    answers.set(question, answer);
    return answer;
  };
}

interface Found {
  readonly backend: BackendConfig;
  readonly notice?: string;
}

async function resolve(agent: AgentConfig, here: LocalModels, around: Surroundings, signal: AbortSignal): Promise<Found> {
  const { models } = here;
  const wanted = agent.backend.model;
  if (wanted === undefined) return { backend: onModel(agent, best(agent, models, around)) };
  const family = familyNamed(wanted);
  const there = models.filter(({ id }) => id === wanted || family?.isIt.test(id.toLowerCase()) === true);
  const [found] = [...there.filter(({ isLoaded }) => isLoaded), ...there];
  if (found !== undefined) return { backend: onModel(agent, found) };
  if (family === undefined) throw unknown(agent, wanted, models);
  const fetching = await fetchable(agent, family, { here, around }, signal);
  if (fetching !== undefined) return { backend: fetching };
  const instead = best(agent, models, around);
  const notice = `${wanted} is on no engine of this machine: ${instead.id} at ${instead.place.title} takes its place.`;
  return { backend: onModel(agent, instead), notice };
}

function onModel({ backend }: AgentConfig, model: LocalModel): BackendConfig {
  return { ...backend, ...model.backend };
}

/** An engine that runs here and can fetch the model, if the config or the person says so; else the embedded one where there is no other model. */
async function fetchable(
  { backend }: AgentConfig,
  family: Family,
  { here: { models, engines }, around }: { readonly here: LocalModels; readonly around: Surroundings },
  signal: AbortSignal,
): Promise<BackendConfig | undefined> {
  for (const { kind, title, baseUrl } of engines) {
    const name = family.pullAs[kind];
    if (name === undefined) continue;
    const question = `${family.name} is on no engine of this machine. Let ${title} fetch ${name} (${sizeInWords(family.bytes)})?`;
    if (backend.autopull ?? (await around.allow(question, signal))) {
      return { ...backend, type: kind, base_url: baseUrl, model: name, autopull: true };
    }
  }
  return models.length === 0 && family.embedded !== undefined ? { ...backend, type: "embedded", model: family.embedded } : undefined;
}

function best(agent: AgentConfig, models: readonly LocalModel[], { memoryBytes }: Surroundings): LocalModel {
  const [first] = pickModels(models, { wanted: undefined, most: 1, memoryBytes }).picked;
  if (first !== undefined) return first;
  const { model } = agent.backend;
  throw new MassgenError(
    "config",
    `No engine on this machine has a model for ${nameOf(agent)}${model === undefined ? "" : ` (${model})`}.`,
    {
      hint: "Start one that has it (massgen doctor shows what is there), or fetch it: ollama pull, lms get, massgen models pull.",
    },
  );
}

function unknown(agent: AgentConfig, wanted: string, models: readonly LocalModel[]): MassgenError {
  const names = [...families.map(({ name }) => name), ...models.map(({ id }) => id)];
  const meant = nearest(wanted, names);
  return new MassgenError("config", `No engine on this machine has the model "${wanted}" of ${nameOf(agent)}.`, {
    hint:
      meant === undefined ? `Known by name on every engine: ${families.map(({ name }) => name).join(", ")}.` : `Did you mean "${meant}"?`,
  });
}
