/** Time as the effectful layers see it: injected, so that tests turn it by hand. */
export interface Clock {
  /** Milliseconds since the epoch; never goes back within a process. */
  now(): number;
  /** Calls `wake` once `now()` has reached `at`; the result takes that back. */
  schedule(at: number, wake: () => void): () => void;
}

/** Longest delay a timer of Node takes. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** Monotonic: a corrected wall clock or a suspended laptop does not move it by more than the time that really ran. */
export function systemClock(): Clock {
  const origin = Date.now() - performance.now();
  const now = (): number => origin + performance.now();
  return {
    now,
    schedule(at, wake) {
      let timer: NodeJS.Timeout;
      const arm = (): void => {
        const left = at - now();
        timer = setTimeout(() => (at - now() <= 0 ? wake() : arm()), Math.min(Math.max(Math.ceil(left), 0), LONGEST_DELAY_MS));
      };
      arm();
      return () => clearTimeout(timer);
    },
  };
}
