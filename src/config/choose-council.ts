import { basename } from "node:path";
import { MassgenError } from "../core/errors.ts";
import { listed } from "../core/listed.ts";
import { findInCatalogue, toyModel } from "../models/files/catalogue.ts";
import { betterModelHint } from "../models/files/memory-fit.ts";
import { cloudBackends } from "./cloud-backends.ts";
import type { Surroundings } from "./council.ts";
import { cloudKeysIn } from "./keys.ts";
import { type LocalModel, localModels } from "./local-models.ts";
import { modelFile } from "./model-file.ts";
import { pickModels } from "./pick-models.ts";
import { placeOf } from "./place-of.ts";
import { agentsOn } from "./quick-setup.ts";
import type { AgentConfig, BackendConfig } from "./schema.ts";

/** What is left open by flags, and what they say all the same. */
export interface Wish {
  readonly model?: string;
  readonly systemMessage?: string;
  /** 3 by default; 1 where a model is named. */
  readonly agents?: number;
  /** Whether keys of clouds that lie in the environment may be used. */
  readonly cloud?: boolean;
  /** Of the run; how the agents sample derives from it. */
  readonly seed: number;
}

/** A council of what there is. */
export interface Choice {
  readonly agents: readonly AgentConfig[];
  /** One line: what was chosen and why. */
  readonly reason: string;
  readonly notices: readonly string[];
}

/**
 * Finds a council where nobody configured one: models of the engines that run on this machine, those in memory first, else the embedded
 * engine. Clouds only where the person said so: otherwise keys in the environment are named and not used.
 * @throws MassgenError `config` when the model wished for is nowhere here, and what `surroundings.offer` throws
 */
export async function chooseCouncil(wish: Wish, surroundings: Surroundings, signal: AbortSignal): Promise<Choice> {
  const clouds = wish.cloud === true && wish.model === undefined ? cloudBackends(surroundings.environment) : [];
  const { models, notices } = await localModels(surroundings, signal);
  const chosen = served(models, wish, surroundings.memoryBytes) ?? (await embedded(wish, models, surroundings, signal));
  const backends = [...chosen.backends, ...clouds.map(({ backend }) => backend)];
  const count = Math.max(wish.agents ?? (wish.model === undefined ? 3 : 1), clouds.length === 0 ? 1 : backends.length);
  const { seed, systemMessage } = wish;
  const agents = agentsOn(backends, { count, seed, ...(systemMessage !== undefined && { systemMessage }) });
  const who = count === 1 ? "One agent" : `${count} agents`;
  const beside =
    clouds.length === 0
      ? ""
      : `; and ${listed(clouds.map(({ backend }) => `${backend.model} at ${new URL(placeOf(backend, surroundings.environment).baseUrl).host}`))}`;
  return {
    agents,
    reason: `${who} on ${chosen.why}${beside}.`,
    notices: [...notices, ...chosen.notices, ...unusedKeys(surroundings, wish)],
  };
}

interface Chosen {
  readonly backends: readonly BackendConfig[];
  /** The end of a sentence, without its full stop. */
  readonly why: string;
  readonly notices: readonly string[];
}

function served(models: readonly LocalModel[], { model: wanted, agents = 3 }: Wish, memoryBytes: number): Chosen | undefined {
  const { picked, why } = pickModels(models, { wanted, most: Math.min(agents, 3), memoryBytes });
  if (picked.length === 0) return undefined;
  const names = picked.map(({ id, place }) => `${id} at ${place.title}, ${new URL(place.baseUrl).origin}`);
  return { backends: picked.map(({ backend }) => backend), why: `${listed(names)}: ${why}`, notices: [] };
}

/** A toy has little to say and takes long to say more: a first run should be over within a minute. */
export const toyLimits = { context_length: 4_096, max_tokens: 320 } as const;

async function embedded({ model }: Wish, models: readonly LocalModel[], surroundings: Surroundings, signal: AbortSignal): Promise<Chosen> {
  if (model !== undefined) throw nowhere(model, models);
  const path = await modelFile(undefined, surroundings, signal);
  const file = basename(path);
  const isToy = findInCatalogue(file)?.name === toyModel;
  const better = isToy ? betterModelHint(surroundings.memoryBytes) : undefined;
  return {
    backends: [{ type: "embedded", model: path, ...(isToy && toyLimits) }],
    why: `${file} with the embedded engine: no server with a model answered on this machine`,
    notices: better === undefined ? [] : [better],
  };
}

function unusedKeys({ environment }: Surroundings, { cloud }: Wish): readonly string[] {
  const used = new Set(cloud === true ? cloudBackends(environment).map(({ variable }) => variable) : []);
  const keys = cloudKeysIn(environment).filter((name) => !used.has(name));
  if (keys.length === 0) return [];
  const are = keys.length === 1 ? "is" : "are";
  const why = cloud === true ? "a config can use them" : "--cloud uses what it can this once, massgen allow cloud always";
  return [`${keys.join(", ")} ${are} set but not used: ${why}.`];
}

function nowhere(model: string, models: readonly LocalModel[]): MassgenError {
  const there = models.map(({ id }) => id);
  return new MassgenError("config", `No server on this machine has the model "${model}".`, {
    hint:
      there.length === 0
        ? "Start one, or say where the model is: --backend NAME, --base-url URL."
        : `There is ${there.slice(0, 8).join(", ")}. Elsewhere: --backend NAME, --base-url URL.`,
  });
}
