import type { Clock } from "./clock.ts";
import type { Timeouts } from "./model.ts";

/** Why we stopped waiting for a model. `what` ends a sentence that begins with the model's name. */
export type Interruption = { readonly type: "cancelled" } | { readonly type: "timeout"; readonly what: string };

/** Waits that can be broken off at once, whether or not what is waited for reacts. */
export interface Patience {
  /** Settles as `work` does, or rejects with the `Interruption` as soon as there is one. */
  wait<T>(work: PromiseLike<T>): Promise<T>;
  /** A part is waited for by somebody who can be made to stop: calls `giveUp` at the interruption, at once where that has been. */
  listen(giveUp: () => void): void;
  /** The request is out: from here on the limits count. */
  sent(): void;
  /** A part arrived. Once the model itself has said something, only the silence until the next part counts. */
  arrived(said: boolean): void;
  /** The engine showed that it still works on the call. */
  alive(): void;
  readonly interruption: Interruption | undefined;
  /** Takes back every timer and listener. */
  stop(): void;
}

interface Silence {
  readonly limitMs: number;
  readonly what: string;
}

/** @param signal its abort interrupts; so do the limits, measured with `clock` */
export function createPatience(timeouts: Timeouts, clock: Clock, signal: AbortSignal): Patience {
  let interruption: Interruption | undefined;
  let breakOff: ((why: Interruption) => void) | undefined;
  let silence: Silence | undefined;
  let begun = false;
  let since = 0;
  let waiting = false;
  const timers = new Set<() => void>();

  const interrupt = (why: Interruption): void => {
    interruption ??= why;
    breakOff?.(interruption);
  };
  const cancel = (): void => interrupt({ type: "cancelled" });
  const schedule = (at: number, wake: () => void): void => {
    const undo = clock.schedule(at, () => {
      timers.delete(undo);
      wake();
    });
    timers.add(undo);
  };

  // One timer for all parts: when it wakes it looks how long the silence has lasted, instead of being set anew for each part.
  const watch = (current: Silence): void => {
    if (silence !== current) return;
    const due = (waiting ? since : clock.now()) + current.limitMs;
    if (clock.now() >= due) interrupt({ type: "timeout", what: `${current.what} ${seconds(current.limitMs)}` });
    else schedule(due, () => watch(current));
  };
  const limitSilence = (what: string, limitMs: number | undefined): void => {
    since = clock.now();
    silence = limitMs === undefined ? undefined : { what, limitMs };
    if (silence !== undefined) watch(silence);
  };

  if (signal.aborted) cancel();
  else signal.addEventListener("abort", cancel, { once: true });

  return {
    get interruption() {
      return interruption;
    },
    wait(work) {
      return new Promise((resolve, reject) => {
        breakOff = reject;
        waiting = true;
        work.then(resolve, reject);
        if (interruption !== undefined) reject(interruption);
      });
    },
    listen(giveUp) {
      breakOff = giveUp;
      waiting = true;
      if (begun) since = clock.now();
      if (interruption !== undefined) giveUp();
    },
    sent() {
      const { callMs, firstTokenMs } = timeouts;
      waiting = true;
      limitSilence("sent no token within", firstTokenMs);
      if (callMs !== undefined) {
        schedule(clock.now() + callMs, () => interrupt({ type: "timeout", what: `took longer than ${seconds(callMs)}` }));
      }
    },
    alive() {
      since = clock.now();
    },
    arrived(said) {
      waiting = false;
      if (begun || !said) return;
      begun = true;
      limitSilence("fell silent in the middle of its reply for", timeouts.stallMs);
    },
    stop() {
      signal.removeEventListener("abort", cancel);
      for (const undo of timers) undo();
      timers.clear();
      silence = undefined;
    },
  };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
