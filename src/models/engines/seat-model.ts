import { withoutUndefined } from "../../core/without-undefined.ts";
import type { Accepts } from "../../core/facts/attachment.ts";
import { MassgenError } from "../../core/errors.ts";
import { acceptsAt } from "../accepts-at.ts";
import type { Experience } from "../experience.ts";
import { hardwareTimeouts } from "../hardware-timeouts.ts";
import type { CouncilModel, Sampling, Timeouts } from "../model.ts";
import { engineQueueAt } from "../queue/engine-queue.ts";
import { quietly } from "./engine-server.ts";
import { remediesFor } from "./remedies-for.ts";
import { rememberedRungs } from "../remembered-rungs.ts";
import type { Engine, EngineModel, LoadOptions, ModelSettings, Slots } from "./engine.ts";

export interface SeatOptions {
  readonly sampling?: Sampling;
  readonly timeouts?: Timeouts;
  /** Tokens of prompt and output together. */
  readonly contextTokens?: number;
  /** What the model can be sent besides text; by default images where the engine says that it sees. */
  readonly accepts?: Accepts;
  /** Calls at once; what the engine says by default. */
  readonly slots?: number;
  readonly ttlSeconds?: number;
  /**
   * Whether a model that is not in memory may be loaded: true has us load it, false has such a model refused. Where nothing is said requests
   * are sent, and the engine does as it is set to; some load on request in any case.
   */
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
    ...acceptsOf(engine, model, options.accepts),
    ...(model.reasoning?.value === true && { thinks: true }),
    ...(model.tools?.value === false && { callsTools: false }),
    ...(freed && { freed: () => freed(() => queue.running - 1) }),
    languageModel: engine.languageModel(model.id, settings),
    name: `${engine.kind}/${model.id}`,
    place: { name: engine.name, remedies: remediesFor(engine.kind) },
    rungs: rememberedRungs(engine.rungs(model), experience),
    sampling,
    timeouts: (tokens) => ({ ...hardwareTimeouts(learned(), tokens), ...timeouts }),
    queue,
    providerOptions: engine.providerOptions(model, settings),
  };
}

function acceptsOf({ kind }: Engine, { vision }: EngineModel, told: Accepts | undefined): Pick<CouncilModel, "accepts"> {
  if (told === undefined && vision === undefined) return {};
  return { accepts: acceptsAt(kind, told ?? { images: vision?.value === true, pdf: false }) };
}

function loading(engine: Engine, { id }: EngineModel, options: SeatOptions): CouncilModel["prepare"] {
  const { load, loadsUnasked } = engine;
  if (load === undefined) return undefined;
  if (!loadsUnasked && options.autoload === false) return (_instead, signal) => onlyIfLoaded(engine, id, signal);
  if (!loadsUnasked && options.autoload !== true) return undefined;
  const { contextTokens, slots, ttlSeconds } = options;
  return async function* (instead, signal) {
    let isNew = false;
    for await (const progress of load(id, withoutUndefined<LoadOptions>({ contextTokens, slots, ttlSeconds, instead }), signal)) {
      isNew = true;
      yield progress;
    }
    if (isNew) await measureAgain(engine, id, options, signal);
  };
}

/** A request for a model that is not in memory would make the engine load it after all. */
// eslint-disable-next-line require-yield
async function* onlyIfLoaded(engine: Engine, id: string, signal: AbortSignal): AsyncGenerator<never, void> {
  const model = (await engine.models(signal)).find((other) => other.id === id);
  if (model?.loaded?.value !== false) return;
  throw new MassgenError("config", `${id} is not in the memory of ${engine.name}, and may not be loaded.`, {
    hint: "Load it there, or allow it: autoload: true.",
  });
}

/** Only of a model in memory is it told how many slots share how much context. */
async function measureAgain(engine: Engine, id: string, options: SeatOptions, signal: AbortSignal): Promise<void> {
  const model = (await quietly(engine.models(signal)))?.find((other) => other.id === id);
  if (model !== undefined) queueOf(engine, model, await engine.slots(model, signal), options);
}

function queueOf(engine: Engine, model: EngineModel, found: Slots, options: SeatOptions): CouncilModel["queue"] {
  const { slots } = options;
  const queue = engineQueueAt(engine.origin);
  const most = mostInMemory(engine, model, options);
  queue.inMemory({
    ...(most === undefined ? {} : { most }),
    loaded: model.loaded?.value === true ? [model.id] : [],
  });
  return queue.lane(model.id, {
    slots: slots ?? found.slots.value,
    sharing: found.sharing,
    ...(found.poolTokens === undefined ? {} : { poolTokens: found.poolTokens.value }),
  });
}

/** Where requests alone would make an engine send away what answers, models take turns. */
function mostInMemory({ keepsUnasked }: Engine, { loaded }: EngineModel, options: SeatOptions): number | undefined {
  const { maxLoadedModels, autoload = false } = options;
  return maxLoadedModels ?? (autoload || loaded?.value === true ? undefined : keepsUnasked);
}
