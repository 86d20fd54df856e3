/** How often it looks at the clock, in milliseconds. */
const TICK_MS = 20;

/** A limit that can be taken back. Its reason is a `TimeoutError`. */
export interface PatientTimeout {
  readonly signal: AbortSignal;
  stop(): void;
}

/**
 * A limit for servers: it counts only time in which this process could have heard an answer. While the process itself is busy the clock all
 * but stands still, so that nobody is called silent whose answer was there.
 * @param now milliseconds, from anywhere
 */
export function patientTimeout(ms: number, now: () => number = () => performance.now()): PatientTimeout {
  const controller = new AbortController();
  let left = ms;
  let last = now();
  const timer = setInterval(() => {
    left -= Math.min(now() - last, TICK_MS * 2);
    last = now();
    if (left > 0) return;
    clearInterval(timer);
    controller.abort(new DOMException(`There was no answer within ${ms} ms.`, "TimeoutError"));
  }, TICK_MS);
  timer.unref();
  return { signal: controller.signal, stop: () => clearInterval(timer) };
}
