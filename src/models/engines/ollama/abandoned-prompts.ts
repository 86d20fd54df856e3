import { setTimeout as sleep } from "node:timers/promises";

/** The longest that is waited, in milliseconds; what is still read then is waited for by the next call itself. */
const LONGEST_MS = 120_000;

/**
 * Prompts that were given up while they were read. Ollama reads them to their end all the same (measured: it looks whether the client is
 * there when it has a token to send), shows that nowhere, and has the next call of its slot wait.
 */
export interface AbandonedPrompts {
  /** @param readForMs how long the rest of it takes to read */
  add(readForMs: number): void;
  /** Settles when all of them should have been read; holds no process that has nothing else to do. */
  read(): Promise<void>;
}

export function createAbandonedPrompts(): AbandonedPrompts {
  let until = 0;
  return {
    add(readForMs) {
      const now = performance.now();
      until = Math.min(Math.max(until, now) + Math.max(readForMs, 0), now + LONGEST_MS);
    },
    async read() {
      const left = until - performance.now();
      if (left > 0) await sleep(left, undefined, { ref: false });
    },
  };
}
