import { failureOf } from "../failure-of.ts";
import type { Probe } from "./engine.ts";
import type { EngineServer } from "./engine-server.ts";
import { identify, nameOfAnswerer } from "./identify.ts";

/**
 * Looks whether an engine is at its address and turns whatever happens into what that means.
 * @param check what the engine says of itself; undefined where it is not this engine that answers. Throws as the server's `get` does
 */
export async function probeEngine(server: EngineServer, check: () => Promise<Probe | undefined>, signal: AbortSignal): Promise<Probe> {
  try {
    return (await check()) ?? { type: "other", what: nameOfAnswerer(await identify(server, signal)) };
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
        return { type: "other", what: nameOfAnswerer(await identify(server, signal)) };
    }
  }
}
