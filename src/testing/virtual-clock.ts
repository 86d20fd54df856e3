import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../models/clock.ts";

/** Turns of the event loop in which work that needs no time may go on before time is moved. */
const SETTLE_TURNS = 4;
/** Turns after which a promise that nothing is scheduled for counts as hanging. */
const HANGING_TURNS = 20_000;

/** A clock turned by hand: nothing ever sleeps. */
export interface VirtualClock extends Clock {
  /** Moves time on by `ms`, waking in order whatever falls due on the way. */
  advance(ms: number): void;
  /**
   * Lets pending work go on and, whenever it stands still, jumps to the next scheduled wake, until `promise` settles.
   * Throws when nothing is scheduled and the promise still does not settle.
   */
  runUntil<T>(promise: Promise<T>): Promise<T>;
}

interface Wake {
  readonly at: number;
  readonly order: number;
  readonly call: () => void;
}

/** @param startMs what `now()` says at first, in milliseconds since the epoch */
export function virtualClock(startMs = Date.UTC(2030, 0, 1)): VirtualClock {
  const wakes = new Set<Wake>();
  let time = startMs;
  let order = 0;

  const next = (): Wake | undefined => {
    let first: Wake | undefined;
    for (const wake of wakes) {
      if (first === undefined || wake.at < first.at || (wake.at === first.at && wake.order < first.order)) first = wake;
    }
    return first;
  };

  const fire = (wake: Wake): void => {
    wakes.delete(wake);
    time = Math.max(time, wake.at);
    wake.call();
  };

  return {
    now: () => time,
    schedule(at, call) {
      order += 1;
      const wake: Wake = { at, order, call };
      wakes.add(wake);
      return () => wakes.delete(wake);
    },
    advance(ms) {
      const until = time + ms;
      for (let wake = next(); wake !== undefined && wake.at <= until; wake = next()) fire(wake);
      time = until;
    },
    async runUntil(promise) {
      const state = { settled: false };
      const settle = (): void => {
        state.settled = true;
      };
      promise.then(settle, settle);
      for (let idle = 0; ; idle += 1) {
        for (let turn = 0; turn < SETTLE_TURNS && !state.settled; turn += 1) await nextTurn();
        if (state.settled) return promise;
        const wake = next();
        if (wake !== undefined) {
          fire(wake);
          idle = 0;
        } else if (idle * SETTLE_TURNS > HANGING_TURNS) {
          throw new Error("The promise hangs: nothing is scheduled that could settle it.");
        }
      }
    },
  };
}
