import { readyToFetch } from "../http/dispatcher.ts";
import { patientTimeout } from "../http/patient-timeout.ts";
import { PROBE_MS } from "./engine.ts";

/** Gives work the time of one probe, or `ms`, in which neither our own start nor our own being busy counts. */
export async function withinProbe<Value>(
  signal: AbortSignal,
  work: (within: AbortSignal) => Promise<Value>,
  ms = PROBE_MS,
): Promise<Value> {
  await readyToFetch();
  const limit = patientTimeout(ms);
  try {
    return await work(AbortSignal.any([signal, limit.signal]));
  } finally {
    limit.stop();
  }
}
