import { isJson, parseJson } from "../../backends/chatcompletion/wire.ts";
import { openAiModel } from "../../backends/chatcompletion/open-ai-model.ts";
import { failureOf } from "../../failure-of.ts";
import type { LoadProgress } from "../../model.ts";
import { createSingleFlight } from "../../single-flight.ts";
import type { Engine, EngineAddress, EngineModel, LoadOptions, Probe, Slots, Sourced } from "../engine.ts";
import { type EngineServer, engineServer, quietly } from "../engine-server.ts";
import { probeEngine } from "../probe-engine.ts";
import { count } from "../sourced.ts";
import { findListed, listPatiently } from "./find-listed.ts";
import { lmStudioBody, NO_THINK } from "./lmstudio-body.ts";
import { listLmStudio } from "./lmstudio-list.ts";
import { type LmsPlaces, localLms } from "./lms.ts";
import { loadLmStudio } from "./load-lmstudio.ts";
import { pullLmStudio } from "./pull-lmstudio.ts";
import { startLmStudio } from "./start-lmstudio.ts";
import { unloadListed } from "./unload-lmstudio.ts";

export interface LmStudioAddress extends EngineAddress {
  readonly lms?: LmsPlaces;
  /** Between two looks at a download, in milliseconds; 1,000 by default. */
  readonly lookEveryMs?: number;
}

const KIND = "lmstudio";
const USUAL_SLOTS = 4;
const LMS_MS = 3000;

const loads = createSingleFlight<LoadProgress>();

/**
 * LM Studio, from 0.4 on with everything, older versions as far as they go. Its command `lms` is run only for an address on this machine.
 * It reads a prompt that was given up to its end and nothing tells when, so `freed` is missing: a place is free when its call is.
 */
export function createLmStudio(address: LmStudioAddress): Engine {
  const server = engineServer("LM Studio", address);
  const { lms: places, lookEveryMs = 1000 } = address;
  const at = { server, places, notices: new Set<string>() };
  /** By model, the largest context that any of its agents wants: it is loaded once for all of them. */
  const widest = new Map<string, number>();
  const load = (model: string, options: LoadOptions, signal: AbortSignal): AsyncIterable<LoadProgress> => {
    const contextTokens = Math.max(options.contextTokens ?? 0, widest.get(model) ?? 0);
    const wanted = contextTokens === 0 ? options : { ...options, contextTokens };
    return loads.join(`${server.origin} ${model}`, (report) => loadLmStudio(at, model, wanted, report), signal);
  };
  return {
    kind: KIND,
    name: server.name,
    origin: server.origin,
    probe: (signal) => probeEngine(server, (within) => check(server, within), signal),
    models: async (signal) => (await listLmStudio(server, signal)).models.map(({ model }) => model),
    slots: async (model, signal) => slotsOf(model, model.slots ?? (await slotsByLms(model, server, places, signal))),
    advice: async (signal) => [...at.notices, ...(await advice(server, signal))],
    start: (signal) => startLmStudio(address, signal, places),
    contextOf: ({ contextLoaded, contextTrained }, wanted) =>
      wanted === undefined ? contextLoaded?.value : Math.min(wanted, (contextLoaded ?? contextTrained)?.value ?? Infinity),
    loadsUnasked: false,
    keepsUnasked: 1,
    load,
    unload: async (model) => {
      const list = await listPatiently(server);
      await unloadListed(at, list.api, findListed(list, model, server).instances ?? [model]);
    },
    pull: (name, signal) => pullLmStudio(server, name, lookEveryMs, signal),
    rungs: ({ tools }) => (tools?.value === false ? ["schema", "text"] : ["schema", "tool", "text"]),
    languageModel: (model, { contextTokens = 0 }) => {
      if (contextTokens > 0) widest.set(model, Math.max(contextTokens, widest.get(model) ?? 0));
      return openAiModel({
        provider: KIND,
        model,
        baseUrl: `${server.origin}/v1`,
        transformBody: lmStudioBody,
        apiKey: address.apiKey,
      });
    },
    providerOptions: (model, { topK, ttlSeconds, body = {} }) => ({
      always: {
        [KIND]: { ...(topK === undefined ? {} : { top_k: topK }), ...(ttlSeconds === undefined ? {} : { ttl: ttlSeconds }), ...body },
      },
      ballot: hasSwitch(model) ? { [KIND]: { [NO_THINK]: true } } : {},
    }),
  };
}

/** Its `/v1` has no switch for thinking. The hybrid Qwen 3 has one in its prompts; other models think, and their ballot is read behind that. */
function hasSwitch({ id, reasoning }: EngineModel): boolean {
  return reasoning?.value !== false && /qwen-?3-\d+(?:\.\d+)?b(?!.*2507)/iu.test(id);
}

/** The greeting needs no token, all else may. */
async function check(server: EngineServer, signal: AbortSignal): Promise<Probe | undefined> {
  const [greeting, refusal] = await Promise.all([server.get("/lmstudio-greeting", signal), refusalOf(server, signal)]);
  if (!isJson(greeting) || greeting.lmstudio !== true) return undefined;
  return refusal ?? { type: "ready" };
}

async function refusalOf(server: EngineServer, signal: AbortSignal): Promise<Probe | undefined> {
  try {
    await server.get("/v1/models", signal);
    return undefined;
  } catch (error) {
    const failure = failureOf(error, server.name, 0);
    return failure.kind === "auth" ? { type: "refused", failure } : undefined;
  }
}

/** By default the slots share one context; whether a person has changed that cannot be read. */
function slotsOf({ contextLoaded }: EngineModel, told: Sourced<number> | undefined): Slots {
  return {
    slots: told ?? { value: USUAL_SLOTS, source: "its default" },
    ...(contextLoaded === undefined
      ? {}
      : { poolTokens: { value: contextLoaded.value, source: `${contextLoaded.source}, which slots share` } }),
    sharing: "slot",
  };
}

/** Older interfaces do not tell the slots of a model in memory; `lms` does. */
async function slotsByLms(
  { id, loaded }: EngineModel,
  server: EngineServer,
  places: LmsPlaces | undefined,
  signal: AbortSignal,
): Promise<Sourced<number> | undefined> {
  const lms = loaded?.value === true ? await localLms(server, places) : undefined;
  if (lms === undefined) return undefined;
  const within = AbortSignal.any([signal, AbortSignal.timeout(LMS_MS)]);
  const found = parseJson((await quietly(lms.run(["ps", "--json", ...lms.reach], within))) ?? "");
  const instances = Array.isArray(found) ? found.filter(isJson) : [];
  const slots = count(
    (instances.find(({ identifier }) => identifier === id) ?? instances.find(({ modelKey }) => modelKey === id))?.parallel,
  );
  return slots === undefined ? undefined : { value: slots, source: "parallel of lms ps" };
}

async function advice(server: EngineServer, signal: AbortSignal): Promise<readonly string[]> {
  const { api, models } = await listLmStudio(server, signal);
  const single = models.filter(({ model }) => model.slots?.value === 1).map(({ model }) => model.id);
  const doubled = models.filter(({ instances = [] }) => instances.length > 1);
  return [
    ...(api === "v1"
      ? []
      : ["It is older than 0.4 and tells little of its models: update it, so that they can be loaded and slots be known."]),
    ...single.map((id) => `${id} has one slot, so drafts are written one after the other: load it with lms load ${id} --parallel 4.`),
    ...doubled.map(
      ({ model, instances = [] }) => `${model.id} is in memory ${instances.length} times: unload ${instances.slice(1).join(", ")}.`,
    ),
  ];
}
