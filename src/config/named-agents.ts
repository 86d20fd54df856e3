import { MassgenError } from "../core/errors.ts";
import { someOf } from "../core/listed.ts";
import { nearest, nearestOf } from "../core/nearest.ts";
import { withoutUndefined } from "../core/without-undefined.ts";
import { backendTypes, type BackendType, isServedKind } from "./backend-names.ts";
import type { Surroundings } from "./council.ts";
import { type LocalModel, type LocalModels, localModels } from "./local-models.ts";
import { modelMeant } from "./model-of-engine.ts";
import { agentsOn, quickBackend, type QuickSetup } from "./quick-setup.ts";
import type { Resolved } from "./resolve-local.ts";
import type { BackendConfig } from "./schema.ts";

/** One entry of a list of agents on the command line. At least one of backend and model is there. */
export interface NamedAgent {
  /** For sentences: `--models, entry 2 ("phi4")`. */
  readonly place: string;
  readonly backend?: BackendType;
  readonly model?: string;
}

/** What the other flags say of all of them. */
export type AboutAll = Omit<QuickSetup, "model">;

/**
 * The agents of a list. An engine that is named is taken where it was found, else at its usual port. Where neither the entry nor a flag names a
 * backend, the engines of this machine are looked at first, then the name is taken for a cloud's.
 * @throws MassgenError `usage`, `config`; each names the entry
 */
export async function namedAgents(
  named: readonly NamedAgent[],
  about: AboutAll,
  around: Surroundings,
  signal: AbortSignal,
): Promise<Resolved> {
  const { agents: wanted = named.length, seed, systemMessage } = about;
  if (wanted < named.length) throw new MassgenError("usage", `--agents ${wanted} is less than the ${named.length} agents that are named.`);
  const here = needsLook(named, about) ? await localModels(around, signal) : nothingHere;
  const backends = named.map((agent) => backendOf(agent, about, here));
  const agents = agentsOn(backends, { count: wanted, seed, ...(systemMessage !== undefined && { systemMessage }) });
  return { agents, notices: here.notices };
}

const nothingHere: LocalModels = { models: [], engines: [], notices: [] };

function needsLook(named: readonly NamedAgent[], { backend, baseUrl }: AboutAll): boolean {
  const types = named.map((agent) => agent.backend ?? backend);
  return baseUrl === undefined && types.some((type) => type === undefined || isServedKind(type));
}

function backendOf({ place, backend, model }: NamedAgent, about: AboutAll, { models, engines }: LocalModels): BackendConfig {
  if (backend !== undefined && about.baseUrl !== undefined) {
    throw new MassgenError("usage", `${place} names its backend, so --base-url means nothing to it.`, {
      hint: "A server of its own for each agent takes a config file: --config FILE.",
    });
  }
  const type = backend ?? about.backend;
  const baseUrl = about.baseUrl ?? engines.find(({ kind }) => kind === type)?.baseUrl;
  const found = type === undefined && baseUrl === undefined && model !== undefined ? onThisMachine(model, models) : undefined;
  const resolved = found ?? at(place, () => quickBackend(withoutUndefined({ backend: type, model, baseUrl })));
  if (resolved === undefined) throw nowhere(place, model ?? "", models);
  return resolved;
}

function onThisMachine(model: string, models: readonly LocalModel[]): BackendConfig | undefined {
  return modelMeant(model, [...models.filter(({ isLoaded }) => isLoaded), ...models])?.backend;
}

function at<Result>(place: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof MassgenError)) throw error;
    throw new MassgenError(error.code, `${place}: ${error.message}`, {
      ...(error.hint !== undefined && { hint: error.hint }),
      cause: error,
    });
  }
}

function nowhere(place: string, name: string, here: readonly LocalModel[]): MassgenError {
  return new MassgenError("config", `${place}: no server on this machine has that model, and its name tells no cloud.`, {
    hint: remedy(name, here),
  });
}

function remedy(name: string, here: readonly LocalModel[]): string {
  const [head = "", ...rest] = name.split(":");
  const backend = rest.length === 0 ? undefined : nearest(head, backendTypes);
  if (backend !== undefined) return `Did you mean "${[backend, ...rest].join(":")}"?`;
  const ids = [...new Set(here.map(({ id }) => id))];
  const meant = nearestOf(name, ids);
  if (meant !== undefined) return `Did you mean "${meant}"?`;
  const there = ids.length === 0 ? "" : `There is ${someOf(ids)}. `;
  return `${there}Name its backend before it: ollama:NAME, openai:NAME, …`;
}
