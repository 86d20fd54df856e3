/**
 * What of an engine's cache two calls can share.
 * `slot`: only calls that follow one another on a slot (llama.cpp, embedded); judges go in line.
 * `blocks`: any later call (vLLM, SGLang, clouds).
 */
export type CacheSharing = "slot" | "blocks";

/** Calls wait here for an engine. `release` hands the place to the next in line. */
export interface Queue {
  /** @param inLine calls with a common head, one after the other where the engine shares its cache by slot */
  acquire(inLine: boolean, signal: AbortSignal): Promise<() => void>;
}

interface Waiter {
  readonly inLine: boolean;
  readonly start: () => void;
}

/** A fair queue: first come, first served, at most `slots` at once and, where caches are per slot, one call in line at a time. */
export function createQueue(slots: number, sharing: CacheSharing): Queue {
  const waiting: Waiter[] = [];
  let running = 0;
  let inLineRunning = false;

  const mayStart = (waiter: Waiter): boolean => running < slots && !(waiter.inLine && sharing === "slot" && inLineRunning);

  const startNext = (): void => {
    for (let next = waiting.findIndex(mayStart); next !== -1; next = waiting.findIndex(mayStart)) {
      const [waiter] = waiting.splice(next, 1);
      waiter?.start();
    }
  };

  return {
    acquire(inLine, signal) {
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          const place = waiting.indexOf(waiter);
          if (place !== -1) waiting.splice(place, 1);
          reject(signal.reason as Error);
        };
        const waiter: Waiter = {
          inLine,
          start: () => {
            signal.removeEventListener("abort", leave);
            running += 1;
            if (inLine) inLineRunning = true;
            let held = true;
            resolve(() => {
              if (!held) return;
              held = false;
              running -= 1;
              if (inLine) inLineRunning = false;
              startNext();
            });
          },
        };
        if (signal.aborted) return reject(signal.reason as Error);
        signal.addEventListener("abort", leave, { once: true });
        waiting.push(waiter);
        startNext();
      });
    },
  };
}
