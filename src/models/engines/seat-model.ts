import { withoutUndefined } from "../../core/without-undefined.ts";
import type { Experience } from "../experience.ts";
import { hardwareTimeouts } from "../hardware-timeouts.ts";
import type { CouncilModel, Sampling, Timeouts } from "../model.ts";
import { engineQueueAt } from "../queue/engine-queue.ts";
import { rememberedRungs } from "../remembered-rungs.ts";
import type { Engine, EngineModel, LoadOptions, ModelSettings, Slots } from "./engine.ts";

export interface SeatOptions {
  readonly sampling?: Sampling;
  readonly timeouts?: Timeouts;
  /** Tokens of prompt and output together. */
  readonly contextTokens?: number;
  /** Calls at once; what the engine says by default. */
  readonly slots?: number;
  readonly ttlSeconds?: number;
  /** Whether a model that is not in memory may be loaded by us; engines that load on request do so in any case. */
  readonly autoload?: boolean;
  /** Models the engine may hold at once, where that is known. */
  readonly maxLoadedModels?: number;
  /** Further fields of every request's body, as they are. */
  readonly body?: Readonly<Record<string, unknown>>;
  readonly experience?: Experience;
}

/** Seats a model of an engine on a council: with its context, its place in the engine's queue, and limits that fit the hardware. */
export async function seatModel(engine: Engine, model: EngineModel, options: SeatOptions, signal: AbortSignal): Promise<CouncilModel> {
  const { sampling = {}, experience, timeouts, ttlSeconds, body } = options;
  const learned = (): Experience["learned"] => experience?.learned ?? {};
  const queue = queueOf(engine, model, await engine.slots(model, signal), options);
  const contextTokens = engine.contextOf(model, options.contextTokens);
  const settings = withoutUndefined<ModelSettings>({ contextTokens, topK: sampling.topK, ttlSeconds, body });
  const { countTokens, freed } = engine;
  return {
    ...withoutUndefined<Pick<CouncilModel, "contextTokens" | "prepare" | "experience">>({
      contextTokens,
      prepare: loading(engine, model, options),
      experience,
    }),
    ...(countTokens && { countTokens: (messages, during) => countTokens(model.id, messages, during) }),
    ...(freed && { freed: () => freed(queue.running - 1) }),
    languageModel: engine.languageModel(model.id, settings),
    name: `${engine.kind}/${model.id}`,
    rungs: rememberedRungs(engine.rungs(model), experience),
    sampling,
    timeouts: (tokens) => ({ ...hardwareTimeouts(learned(), tokens), ...timeouts }),
    queue,
    providerOptions: engine.providerOptions(model, settings),
  };
}

function loading({ load, loadsUnasked }: Engine, { id }: EngineModel, options: SeatOptions): CouncilModel["prepare"] {
  if (load === undefined || !(loadsUnasked || options.autoload === true)) return undefined;
  const { contextTokens, slots, ttlSeconds } = options;
  return (instead, signal) => load(id, withoutUndefined<LoadOptions>({ contextTokens, slots, ttlSeconds, instead }), signal);
}

function queueOf(engine: Engine, model: EngineModel, found: Slots, { slots, maxLoadedModels }: SeatOptions): CouncilModel["queue"] {
  const queue = engineQueueAt(engine.origin);
  queue.inMemory({
    ...(maxLoadedModels === undefined ? {} : { most: maxLoadedModels }),
    loaded: model.loaded?.value === true ? [model.id] : [],
  });
  return queue.lane(model.id, {
    slots: slots ?? found.slots.value,
    sharing: found.sharing,
    ...(found.poolTokens === undefined ? {} : { poolTokens: found.poolTokens.value }),
  });
}
