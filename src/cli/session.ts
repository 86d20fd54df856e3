import { type HomeFolders, homeFolders } from "../log/home.ts";
import type { Output } from "./arguments.ts";
import type { Io } from "./io.ts";
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
