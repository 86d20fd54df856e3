import { MassgenError } from "../../../core/errors.ts";
import { isJson } from "../../backends/chatcompletion/wire.ts";
import { answeredBadly } from "../../http/ask-server.ts";
import type { LoadProgress } from "../../model.ts";
import type { EngineModel, LoadOptions } from "../engine.ts";
import { count } from "../sourced.ts";
import { findListed, listPatiently } from "./find-listed.ts";
import type { LmStudioAt } from "./lmstudio-at.ts";
import type { LmStudioList } from "./lmstudio-list.ts";
import { type Lms, localLms } from "./lms.ts";
import { postNative, tooOld } from "./post-native.ts";
import { unloadListed } from "./unload-lmstudio.ts";

const never = new AbortController().signal;

/**
 * Reads a model into memory, unless it is there: then with what context ever it has. With slots or an idle time by `lms`, which alone can set
 * them, where it is on this machine. Versions before 0.3.6 do not tell what is loaded, and load on request by themselves.
 * @throws what `failureOf` reads, also where it got a smaller context than was asked for
 */
export async function loadLmStudio(
  at: LmStudioAt,
  name: string,
  options: LoadOptions,
  report: (progress: LoadProgress) => void,
): Promise<void> {
  const list = await listPatiently(at.server);
  const { model, instances } = findListed(list, name, at.server);
  if (instances === undefined || instances.length > 0) return;
  report({});
  const leaving = list.models.find(({ model: { id } }) => id === options.instead);
  if (leaving !== undefined) await unloadListed(at, list.api, leaving.instances ?? []);
  const { contextTokens, ...others } = options;
  const wish = contextTokens === undefined ? others : { ...others, contextTokens: possible(contextTokens, model) };
  const lms = await lmsFor(at, list.api, wish);
  const echoed = lms === undefined ? await loadByHttp(at, name, wish) : await loadByLms(lms, name, wish, report);
  if ("contextTokens" in wish) await requireContext(at, name, { wanted: wish.contextTokens, echoed });
}

function possible(contextTokens: number, { contextTrained }: EngineModel): number {
  return Math.min(contextTokens, contextTrained?.value ?? Infinity);
}

async function lmsFor({ server, places }: LmStudioAt, api: LmStudioList["api"], wish: LoadOptions): Promise<Lms | undefined> {
  if (api === "v1" && !isOnlyForLms(wish)) return undefined;
  const lms = await localLms(server, places);
  if (lms === undefined && api === "v0") throw tooOld(server);
  return lms;
}

/** A model that got less than calls count on leaves memory again, or the next call would find it there and use it. */
async function requireContext(
  at: LmStudioAt,
  name: string,
  { wanted, echoed }: { readonly wanted: number; readonly echoed: number | undefined },
): Promise<void> {
  const { server } = at;
  if (echoed !== undefined && echoed >= wanted) return;
  const list = await listPatiently(server);
  const { model, instances = [] } = findListed(list, name, server);
  const has = echoed ?? model.contextLoaded?.value ?? wanted;
  if (has >= wanted) return;
  await unloadListed(at, list.api, instances);
  throw new MassgenError("engine-missing", `${server.name} loaded ${name} with a context of ${has} tokens instead of ${wanted}.`, {
    hint: "Ask for less context, or look at the model's settings in LM Studio.",
  });
}

function isOnlyForLms({ slots, ttlSeconds }: LoadOptions): boolean {
  return slots !== undefined || ttlSeconds !== undefined;
}

/** Blocks until it is there. @returns the context it has now, where it tells */
async function loadByHttp({ server, notices }: LmStudioAt, model: string, wish: LoadOptions): Promise<number | undefined> {
  const { contextTokens, slots, ttlSeconds } = wish;
  const unset = [
    ...(slots === undefined ? [] : [`${slots} slots`]),
    ...(ttlSeconds === undefined ? [] : [`an idle time of ${ttlSeconds} s`]),
  ];
  if (unset.length > 0) {
    notices.add(`${model} was loaded without ${unset.join(" and ")}: only its command lms, on the engine's own machine, can set that.`);
  }
  const loaded = await postNative(
    server,
    "/api/v1/models/load",
    { model, ...(contextTokens === undefined ? {} : { context_length: contextTokens }), echo_load_config: true },
    never,
  );
  if (loaded.status !== "loaded") throw answeredBadly(`${server.origin}/api/v1/models/load`, loaded);
  return isJson(loaded.load_config) ? count(loaded.load_config.context_length) : undefined;
}

async function loadByLms(lms: Lms, model: string, wish: LoadOptions, report: (progress: LoadProgress) => void): Promise<undefined> {
  const { contextTokens, slots, ttlSeconds } = wish;
  const flags = { "--parallel": slots, "--ttl": ttlSeconds, "--context-length": contextTokens };
  const given = Object.entries(flags).flatMap(([flag, value]) => (value === undefined ? [] : [flag, String(value)]));
  await lms.run(["load", model, "--exact", "--yes", "--identifier", model, ...given, ...lms.reach], never, (text) => {
    const percent = /(\d+(?:\.\d+)?)\s?%(?!.*%)/su.exec(text)?.[1];
    if (percent !== undefined) report({ fraction: Math.min(1, Number(percent) / 100) });
  });
}
