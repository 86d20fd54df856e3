import { closeSync, openSync, writeSync } from "node:fs";
import { MassgenError } from "../core/errors.ts";
import type { RunEvent } from "../core/facts.ts";
import { diskTrouble } from "../log/log-trouble.ts";

/** Every event as a JSON line with its time and level, appended to a file of the user's. */
export interface LogFile {
  write(event: RunEvent): void;
  close(): void;
}

/**
 * @param onTrouble told once when the file takes no more; the run itself goes on
 * @throws `config` when the file cannot be opened
 */
export function openLogFile(path: string, onTrouble: (sentence: string) => void): LogFile {
  const file = opened(path);
  let broken = false;
  return {
    write(event) {
      if (broken) return;
      const line = JSON.stringify({ time: new Date(event.at).toISOString(), level: levelOf(event), ...event });
      try {
        writeSync(file, `${line}\n`);
      } catch (error) {
        broken = true;
        onTrouble(`${(diskTrouble(path, error) ?? (error as Error)).message} Nothing more is written there.`);
      }
    },
    close() {
      closeSync(file);
    },
  };
}

function opened(path: string): number {
  try {
    return openSync(path, "a", 0o600);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === "ENOENT" ? "its folder does not exist" : (diskTrouble(path, error)?.message.replace(/^.*: |\.$/gu, "") ?? message);
    throw new MassgenError("config", `The log file ${path} cannot be opened: ${reason}.`, {
      hint: "Name another file after --log-file.",
      cause: error,
    });
  }
}

function levelOf(event: RunEvent): "info" | "warning" | "error" {
  switch (event.type) {
    case "run-ended":
      return event.answer === null ? "error" : "info";
    case "call-settled":
      return event.outcome.type === "failed" ? "warning" : "info";
    case "notice":
      return event.level;
    case "agent-out":
    case "agent-abstained":
    case "reply-refused":
      return "warning";
    default:
      return "info";
  }
}
