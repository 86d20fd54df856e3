import { setTimeout as sleep } from "node:timers/promises";
import { isJson } from "../../backends/chatcompletion/wire.ts";
import { type EngineServer, quietly } from "../engine-server.ts";

const EVERY_MS = 100;
/** A batch of 2,048 tokens on a slow processor. */
const LONGEST_MS = 120_000;

/**
 * A prompt being read is given up only at the end of its batch: looks at the slots until no more of them work than `running` says. Holds no
 * process that has nothing else to do.
 */
export async function whenFreed(server: EngineServer, running: () => number): Promise<void> {
  const until = AbortSignal.timeout(LONGEST_MS);
  while (!until.aborted) {
    const busy = busySlots(await quietly(server.get("/slots", until)));
    if (busy === undefined || busy <= running()) return;
    await sleep(EVERY_MS, undefined, { ref: false });
  }
}

/** How many slots of its list are at work; nothing where there is no list. */
export function busySlots(slots: unknown): number | undefined {
  return Array.isArray(slots) ? slots.filter((slot) => isJson(slot) && slot.is_processing === true).length : undefined;
}
