import type { EngineModel } from "./engine.ts";

/** Of an engine whose context is set when it is started: a config can only ask for less. */
export function smallerContext({ contextLoaded, contextTrained }: EngineModel, wanted: number | undefined): number | undefined {
  const has = contextLoaded?.value ?? (wanted === undefined ? contextTrained?.value : undefined);
  return wanted === undefined ? has : Math.min(wanted, has ?? Infinity);
}
