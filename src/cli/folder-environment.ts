import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { projectFile } from "../config/run-files.ts";
import type { Command } from "./command.ts";
import type { Io } from "./io.ts";

/** The process with the variables that `.env` files add, and what was left out of them, a sentence each. */
export interface FolderEnvironment {
  readonly io: Io;
  readonly notices: readonly string[];
}

/** Takes `.env` from the folder of the config, then from the current one; never over the environment. */
export async function withFolderEnvironment(command: Command, io: Io): Promise<FolderEnvironment> {
  const folders = [...configFolders(command, io), io.folder].filter((folder) => existsSync(join(folder, ".env")));
  if (folders.length === 0) return { io, notices: [] };
  const { withEnvFiles } = await import("../config/env-files.ts");
  const { environment, notices } = withEnvFiles(io.environment, folders);
  return { io: { ...io, environment }, notices };
}

function configFolders(command: Command, { environment, folder }: Io): readonly string[] {
  if (command.type === "init") return [dirname(resolve(folder, command.file))];
  const named = namedConfigs(command);
  const files = named.length > 0 ? named : [environment["MASSGEN_CONFIG"] || projectFile(folder)].filter((file) => file !== undefined);
  return files.filter((file) => existsSync(file)).map(dirname);
}

function namedConfigs(command: Command): readonly string[] {
  if (command.type === "ask" || command.type === "chat") return [command.options.config].filter((file) => file !== undefined);
  if (command.type === "config") {
    const { request } = command;
    if (request.type === "validate") return request.files;
    return "file" in request && request.file !== undefined ? [request.file] : [];
  }
  return "config" in command && command.config !== undefined ? [command.config] : [];
}
