import { failureOf } from "../failure-of.ts";
import type { Probe } from "./engine.ts";
import type { EngineServer } from "./engine-server.ts";
import { identify, nameOfAnswerer } from "./identify.ts";
import { withinProbe } from "./within-probe.ts";

/**
 * Looks whether an engine is at its address, within `PROBE_MS`, and turns whatever happens into what that means.
 * @param check what the engine says of itself; undefined where it is not this engine that answers. Throws as the server's `get` does
 */
export async function probeEngine(
  server: EngineServer,
  check: (within: AbortSignal) => Promise<Probe | undefined>,
  signal: AbortSignal,
): Promise<Probe> {
  return withinProbe(signal, async (within) => {
    try {
      return (await check(within)) ?? (await other(server, within));
    } catch (error) {
      return meaningOf(error, server, within);
    }
  });
}

async function meaningOf(error: unknown, server: EngineServer, within: AbortSignal): Promise<Probe> {
  const failure = failureOf(error, server.name, 0);
  if (within.aborted) return { type: "unknown", why: failure.message };
  switch (failure.kind) {
    case "not-running":
    case "connection":
      return { type: "down", failure };
    case "auth":
      return { type: "refused", failure };
    case "loading":
      return { type: "loading" };
    case "timeout":
      return { type: "unknown", why: failure.message };
    default:
      return other(server, within);
  }
}

async function other(server: EngineServer, within: AbortSignal): Promise<Probe> {
  const what = nameOfAnswerer(await identify(server, within));
  return within.aborted ? { type: "unknown", why: `${server.name} did not say in time what it is.` } : { type: "other", what };
}
