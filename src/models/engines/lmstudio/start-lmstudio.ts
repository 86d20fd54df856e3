import { MassgenError } from "../../../core/errors.ts";
import { isLoopback } from "../../http/loopback.ts";
import type { EngineAddress } from "../engine.ts";
import { engineServer } from "../engine-server.ts";
import { type LmsPlaces, localLms } from "./lms.ts";

/** `lms` wakes the app first, which may take a minute. */
const LONGEST_MS = 120_000;

/**
 * Starts LM Studio's server on this machine, at the port of the address, and ends when it answers. Installs nothing. Only for callers that were
 * allowed to: `autostart` in the config, or a yes at the prompt.
 * @throws MassgenError `engine-missing` for an address elsewhere, and where there is no `lms`; else what `failureOf` reads
 */
export async function startLmStudio(address: EngineAddress, signal: AbortSignal, places?: LmsPlaces): Promise<void> {
  const server = engineServer("LM Studio", address);
  const { hostname, port } = new URL(server.origin);
  if (!isLoopback(hostname)) {
    throw new MassgenError("engine-missing", `${server.name} is not on this machine, so it cannot be started from here.`, {
      hint: "Run `lms server start` there.",
    });
  }
  const lms = await localLms(server, places);
  if (lms === undefined) {
    throw new MassgenError("engine-missing", `${server.name} cannot be started, because its command lms is not on this machine.`, {
      hint: "Install LM Studio from https://lmstudio.ai and open it once, or switch its server on in its Developer page.",
    });
  }
  await lms.run(["server", "start", "--port", port === "" ? "80" : port], AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]));
}
