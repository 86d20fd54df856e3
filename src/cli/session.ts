import { type HomeFolders, homeFolders } from "../log/home.ts";
import type { Output } from "./command.ts";
import type { Io } from "./io.ts";
import { type LogFile, openLogFile } from "./log-file.ts";
import type { Narrator } from "./narrator.ts";

/** What every command works with. */
export interface Session {
  readonly io: Io;
  readonly output: Output;
  readonly narrator: Narrator;
  /** Texts that no error may show; commands add what they learn. */
  readonly secrets: Set<string>;
}

export function foldersOf({ environment, platform, userHome }: Io): HomeFolders {
  return homeFolders(environment, platform, userHome);
}

/** Where `--log-file` says. Throws `config` when that cannot be opened. */
export function logFileOf({ output, narrator }: Session): LogFile | undefined {
  if (output.logFile === undefined) return undefined;
  return openLogFile(output.logFile, (text) => narrator.line({ tone: "warning", text }));
}
