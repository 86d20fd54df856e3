import { parseDuration } from "../config/duration.ts";
import { withoutUndefined } from "../core/without-undefined.ts";
import type { LoadOptions } from "../models/engines/engine.ts";
import type { Command, Output } from "./command.ts";
import { type FlagName, usageError, type Words } from "./flags.ts";

/** What `massgen models` can do, with the word that has to follow it. */
export const modelActions = {
  list: undefined,
  ps: undefined,
  show: "MODEL",
  load: "MODEL",
  unload: "MODEL",
  pull: "NAME|URL|PATH",
} as const;
export type ModelAction = keyof typeof modelActions;

/** @param name the word that follows the action; empty where there is none */
export function modelsCommand(action: ModelAction, name: string, { given }: Words, output: Output): Command {
  const engine = given.get("engine")?.value;
  const common = { ...(engine === undefined ? {} : { engine }), output };
  switch (action) {
    case "list":
      return { type: "list-models", ...common };
    case "ps":
      return { type: "loaded-models", ...common };
    case "show":
      return { type: "show-model", model: name, ...common };
    case "load":
      return { type: "load-model", model: name, load: loadOptions(given), ...common };
    case "unload":
      return { type: "unload-model", model: name, ...common };
    case "pull":
      return { type: "pull-model", source: name, ...common };
  }
}

function loadOptions(given: Words["given"]): LoadOptions {
  const ttl = given.get("ttl")?.value;
  const ttlMs = ttl === undefined ? undefined : parseDuration(ttl);
  if (ttl !== undefined && ttlMs === undefined) throw usageError(`--ttl takes a time above zero such as 90s, 10m or 1h, not "${ttl}".`);
  return withoutUndefined<Omit<LoadOptions, "instead">>({
    contextTokens: wholeNumber(given, "context"),
    slots: wholeNumber(given, "parallel"),
    ttlSeconds: ttlMs === undefined ? undefined : Math.ceil(ttlMs / 1_000),
  });
}

function wholeNumber(given: Words["given"], name: FlagName): number | undefined {
  const text = given.get(name)?.value;
  if (text === undefined) return undefined;
  const number = /^\d+$/u.test(text) ? Number(text) : 0;
  if (number > 0 && Number.isSafeInteger(number)) return number;
  throw usageError(`--${name} takes a whole number above zero, not "${text}".`);
}
