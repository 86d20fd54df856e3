import { existsSync, readFileSync } from "node:fs";

/** Whether a process runs. In containers nobody may take leave of those that have ended. */
export function isAlive(pid: number): boolean {
  try {
    const status = existsSync("/proc/self/stat") ? readFileSync(`/proc/${pid}/stat`, "utf8") : "";
    return !/\) [ZX] /u.test(status) && process.kill(pid, 0);
  } catch {
    return false;
  }
}
