import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Program {
  /** The first line it printed. */
  readonly said: string;
  stop(): void;
}

/** Starts a program of the bench in a process of its own, so that its work is not counted, and waits for its first line. */
export async function startProgram(file: URL, ...parameters: readonly string[]): Promise<Program> {
  const child = spawn(process.execPath, [fileURLToPath(file), ...parameters], { stdio: ["ignore", "pipe", "inherit"] });
  const stop = (): void => void child.kill("SIGKILL");
  process.once("exit", stop);
  for await (const said of createInterface(child.stdout)) return { said, stop };
  throw new Error(`${file.pathname} ended without a word`);
}
