import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Owner } from "./event-log.ts";

/** What the system tells of a process: `gone` also for a zombie, `unknown` where it does not tell. */
export type Sighting = { readonly type: "running"; readonly started: string } | { readonly type: "gone" } | { readonly type: "unknown" };

let self: Owner | undefined;

/** This process as the owner of a run. `started` is empty where the system does not tell when a process began. */
export function thisProcess(): Owner {
  if (self === undefined) {
    const seen = look(process.pid);
    self = { pid: process.pid, started: seen.type === "running" ? seen.started : "" };
  }
  return self;
}

/** Whether that very process still runs: its id is in use, and by a process that began when the owner did. */
export function isAlive(owner: Owner): boolean {
  if (!isUsed(owner.pid)) return false;
  const seen = look(owner.pid);
  if (seen.type !== "running") return seen.type === "unknown";
  return owner.started === "" || seen.started === owner.started;
}

/** `EPERM` says that the process is there and somebody else's. Ids of 0 and less address groups of processes. */
function isUsed(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function look(pid: number): Sighting {
  if (process.platform === "linux") return lookInProc(pid);
  return process.platform === "win32" ? lookWithPowerShell(pid) : lookWithPs(pid);
}

/** A start in ticks means nothing across boots, hence the boot's id. */
function lookInProc(pid: number): Sighting {
  try {
    return parseProcStat(readFileSync(`/proc/${pid}/stat`, "latin1"), readFileSync("/proc/sys/kernel/random/boot_id", "latin1"));
  } catch {
    return { type: "unknown" };
  }
}

/** The command's name stands in parentheses and may hold spaces and parentheses itself: what counts follows the last one. */
export function parseProcStat(stat: string, bootId: string): Sighting {
  const fields = stat
    .slice(stat.lastIndexOf(")") + 1)
    .trim()
    .split(/\s+/);
  const [state] = fields;
  const ticks = fields[19];
  if (state === undefined || ticks === undefined || !/^\d+$/.test(ticks)) return { type: "unknown" };
  return state === "Z" || state === "X" ? { type: "gone" } : { type: "running", started: `${bootId.trim()}:${ticks}` };
}

/** Also without `/proc`; time zone and language are fixed, so that the mark is the same in every shell. */
export function lookWithPs(pid: number): Sighting {
  const line = ask("ps", ["-o", "stat=", "-o", "lstart=", "-p", String(pid)]);
  if (line === undefined) return { type: "unknown" };
  const [state = "", ...start] = line.trim().split(/\s+/);
  if (state.startsWith("Z")) return { type: "gone" };
  return start.length === 0 ? { type: "unknown" } : { type: "running", started: start.join(" ") };
}

function lookWithPowerShell(pid: number): Sighting {
  const started = ask("powershell.exe", [
    "-NoProfile",
    "-NonInteractive",
    "-Command",
    `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`,
  ]);
  return started === undefined || started.trim() === "" ? { type: "unknown" } : { type: "running", started: started.trim() };
}

function ask(command: string, parameters: readonly string[]): string | undefined {
  try {
    return execFileSync(command, parameters, {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 5_000,
      windowsHide: true,
    });
  } catch {
    return undefined;
  }
}
