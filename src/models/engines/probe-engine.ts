import { failureOf } from "../failure-of.ts";
import { readyToFetch } from "../http/dispatcher.ts";
import { type Probe, PROBE_MS } from "./engine.ts";
import type { EngineServer } from "./engine-server.ts";
import { identify, nameOfAnswerer } from "./identify.ts";

/**
 * Looks whether an engine is at its address, within `PROBE_MS`, and turns whatever happens into what that means.
 * @param check what the engine says of itself; undefined where it is not this engine that answers. Throws as the server's `get` does
 */
export async function probeEngine(
  server: EngineServer,
  check: (within: AbortSignal) => Promise<Probe | undefined>,
  signal: AbortSignal,
): Promise<Probe> {
  await readyToFetch();
  const within = AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]);
  try {
    return (await check(within)) ?? (await other(server, within));
  } catch (error) {
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
}

async function other(server: EngineServer, within: AbortSignal): Promise<Probe> {
  const what = nameOfAnswerer(await identify(server, within));
  return within.aborted ? { type: "unknown", why: `${server.name} did not say in time what it is.` } : { type: "other", what };
}
