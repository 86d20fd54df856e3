import { setTimeout as delay } from "node:timers/promises";

const RETRY_MS = 200;

/**
 * Runs `work` while no other process and no other call here does so with the same lock file. The lock is the operating system's
 * (SQLite holds it): it ends with the process, however that ends.
 * @param onWait called once when somebody else holds it
 */
export async function withFileLock<T>(
  lockFile: string,
  work: () => Promise<T>,
  { onWait, signal }: { readonly onWait: () => void; readonly signal: AbortSignal },
): Promise<T> {
  const { DatabaseSync } = await import("node:sqlite");
  const lock = new DatabaseSync(lockFile, { timeout: 0 });
  try {
    for (let tries = 0; ; tries += 1) {
      signal.throwIfAborted();
      try {
        lock.exec("BEGIN EXCLUSIVE");
        break;
      } catch (error) {
        if (!/locked/.test((error as Error).message)) throw error;
      }
      if (tries === 0) onWait();
      await delay(RETRY_MS, undefined, { signal });
    }
    return await work();
  } finally {
    lock.close();
  }
}
