import { spawn } from "node:child_process";

export interface CommandResult {
  readonly exitCode: number;
  /** The end of what it wrote to stderr. */
  readonly complaint: string;
}

/**
 * Runs a command to its end. Rejects with the code `ENOENT` where there is no such command, and with the reason of the signal.
 * @param onOutput gets what it writes, as it comes
 */
export type RunCommand = (
  command: readonly [string, ...string[]],
  signal: AbortSignal,
  onOutput?: (text: string) => void,
) => Promise<CommandResult>;

const COMPLAINT_CHARACTERS = 4000;

export const runCommand: RunCommand = ([command, ...args], signal, onOutput) =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    // On Windows npm and its like are scripts, which only a shell can start.
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], shell: process.platform === "win32" });
    const stop = (): void => void child.kill();
    signal.addEventListener("abort", stop, { once: true });
    let complaint = "";
    child.stdout.on("data", (chunk: Buffer) => onOutput?.(chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => {
      onOutput?.(chunk.toString());
      complaint = (complaint + chunk.toString()).slice(-COMPLAINT_CHARACTERS);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      signal.removeEventListener("abort", stop);
      if (signal.aborted) reject(signal.reason as Error);
      else resolve({ exitCode: code ?? 1, complaint: complaint.trim() });
    });
  });
