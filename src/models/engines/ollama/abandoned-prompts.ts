import { setTimeout as sleep } from "node:timers/promises";

/** The longest that is waited for a prompt whose client has left, in milliseconds. */
const LONGEST_MS = 600_000;

/**
 * Prompts that were given up while they were read. Ollama reads them to their end all the same (measured: it looks whether the client is
 * there when it has a token to send), shows that nowhere, and has the next call of its slot wait.
 */
export interface AbandonedPrompts {
  /** @param readForMs how long the rest of it takes to read */
  add(readForMs: number): void;
  /** Settles when all of them should have been read. */
  read(): Promise<void>;
}

export function createAbandonedPrompts(): AbandonedPrompts {
  let until = 0;
  return {
    add(readForMs) {
      const from = Math.max(until, performance.now());
      until = from + Math.min(Math.max(readForMs, 0), LONGEST_MS);
    },
    async read() {
      const left = until - performance.now();
      if (left > 0) await sleep(left, undefined, { ref: false });
    },
  };
}
