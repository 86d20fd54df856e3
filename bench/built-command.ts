import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const COMMAND = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const COMPILER = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));

/** The command as people have it, built anew from what is in `src/`. Throws where that does not compile. */
export function builtCommand(): string {
  const { status, stdout } = spawnSync(process.execPath, [COMPILER, "-b"], { cwd: ROOT, encoding: "utf8" });
  if (status !== 0 || !existsSync(COMMAND)) throw new Error(`The command cannot be built:\n${stdout}`);
  return COMMAND;
}
