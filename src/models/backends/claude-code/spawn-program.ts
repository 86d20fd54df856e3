import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SpawnedProcess, SpawnOptions } from "@anthropic-ai/claude-agent-sdk";

/** The first descriptor after those of the usual streams. */
const KEY_DESCRIPTOR = 3;
/** What it is given to end its own commands before it is killed. */
const GRACE_MS = 2_000;

/** The program of one call. */
export interface Program {
  /** For the SDK; starts it. */
  readonly spawn: (options: SpawnOptions) => SpawnedProcess;
  /** Ends it with everything it has started; settles once it is gone. */
  kill(): Promise<void>;
  /** Settles once it is gone, by itself or by `kill`. */
  gone(): Promise<void>;
}

/**
 * Starts the program in a process group of its own. The key goes over a descriptor of a file that has no name any more: as a variable every
 * command that the agent runs would see it.
 */
export function createProgram(apiKey: string | undefined, onStart: (program: Program) => void): Program {
  let child: ChildProcess | undefined;
  let exit = Promise.resolve();
  const program: Program = {
    spawn: ({ command, args, cwd, env }) => {
      const started = start({ command, args, cwd, env }, apiKey);
      child = started;
      exit = new Promise((resolve) => {
        started.once("exit", () => resolve());
        started.once("error", () => resolve());
      });
      // The streams belong to the SDK; a write to a program that is gone must not end ours.
      started.stdin?.on("error", () => undefined);
      onStart(program);
      return started as SpawnedProcess;
    },
    gone: () => exit,
    async kill() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return exit;
      const { pid } = child;
      child.kill("SIGTERM");
      const late = setTimeout(() => killAll(pid), GRACE_MS);
      await exit;
      clearTimeout(late);
    },
  };
  return program;
}

interface Start {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

function start({ command, args, cwd, env }: Start, apiKey: string | undefined): ChildProcess {
  const isOnWindows = process.platform === "win32";
  const key = apiKey === undefined || isOnWindows ? undefined : keyDescriptor(apiKey);
  try {
    return spawn(command, args, {
      cwd,
      env: { ...env, ...(key !== undefined && { CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR: String(KEY_DESCRIPTOR) }) },
      stdio: ["pipe", "pipe", "pipe", ...(key === undefined ? [] : [key])],
      detached: !isOnWindows,
      windowsHide: true,
    });
  } finally {
    if (key !== undefined) closeSync(key);
  }
}

function keyDescriptor(apiKey: string): number {
  const folder = mkdtempSync(join(tmpdir(), "massgen-"));
  try {
    const path = join(folder, "key");
    writeFileSync(path, apiKey, { mode: 0o600 });
    return openSync(path, "r");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The program with what runs in its group; it may be gone. */
function killAll(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
