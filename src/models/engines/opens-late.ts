import type { Probe } from "./engine.ts";
import type { EngineServer } from "./engine-server.ts";

/** Of an engine that opens its port only when its model is in memory: that nothing answers may mean that it is loading. */
export function opensLate(probe: Probe, title: string, { origin }: EngineServer): Probe {
  if (probe.type !== "down" || probe.failure.kind !== "not-running") return probe;
  const message = `Nothing answers at ${origin}: ${title} opens its port once its model is loaded, minutes after its start. Is it running?`;
  return { type: "down", failure: { ...probe.failure, message } };
}
