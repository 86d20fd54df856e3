import { readyToFetch } from "../http/dispatcher.ts";
import { failureOf } from "../failure-of.ts";
import { type Probe, PROBE_MS } from "./engine.ts";
import type { EngineServer } from "./engine-server.ts";
import { identify, nameOfAnswerer } from "./identify.ts";

/**
 * Looks whether an engine is at its address and turns whatever happens into what that means.
 * @param check what the engine says of itself; undefined where it is not this engine that answers. Throws as the server's `get` does
 */
export async function probeEngine(server: EngineServer, check: () => Promise<Probe | undefined>, signal: AbortSignal): Promise<Probe> {
  await readyToFetch();
  // What else it is gets the time that is left: a probe never takes twice as long because something answered.
  const soon = AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]);
  try {
    return (await check()) ?? { type: "other", what: nameOfAnswerer(await identify(server, soon)) };
  } catch (error) {
    const failure = failureOf(error, server.name, 0);
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
        return { type: "other", what: nameOfAnswerer(await identify(server, soon)) };
    }
  }
}
