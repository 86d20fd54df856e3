import type { MassgenError } from "../core/errors.ts";
import { damaged, diskError, diskTrouble } from "./log-trouble.ts";

const BUSY = 5;
const SHORT_READ = 522;

/** By SQLite's result code, with its details in the higher bytes or without them. */
const damages: Readonly<Record<number, string>> = {
  1: "does not have the tables of a log",
  11: "was torn or overwritten",
  19: "holds more than it should",
  26: "is no database",
  [SHORT_READ]: "is shorter than it was",
};

/** Why the disk did not do it, by SQLite's primary result code. */
const diskReasons: Readonly<Record<number, string>> = {
  [BUSY]: "another process has been writing to it for too long",
  8: "it is read-only",
  10: "the disk failed or is full",
  13: "the disk is full",
  14: "it cannot be opened",
};

/** `undefined` for what is no trouble with the file. */
export function sqliteTrouble(path: string, error: unknown): MassgenError | undefined {
  const code = resultCode(error);
  if (code === undefined) return diskTrouble(path, error);
  const damage = damages[code] ?? damages[code & 0xff];
  if (damage !== undefined) return damaged(`${path} ${damage}`, moveAway(path), error);
  const reason = diskReasons[code & 0xff];
  return reason === undefined ? undefined : diskError(path, reason, error);
}

export function isBusy(error: unknown): boolean {
  return ((resultCode(error) ?? 0) & 0xff) === BUSY;
}

/** What to do about a damaged file. */
export function moveAway(path: string): string {
  return `Move ${path} (and ${path}-wal, if there is one) away: massgen then begins a new log. The command sqlite3 with .recover may save what is in it.`;
}

function resultCode(error: unknown): number | undefined {
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown };
  return code === "ERR_SQLITE_ERROR" && typeof errcode === "number" ? errcode : undefined;
}
