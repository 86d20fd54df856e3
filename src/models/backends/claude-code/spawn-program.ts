import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SpawnedProcess, SpawnOptions } from "@anthropic-ai/claude-agent-sdk";

/** The first descriptors after those of the usual streams. */
const KEY_DESCRIPTOR = 3;
const LIFELINE = 4;
/** What it is given to end its own commands before it is killed. */
const GRACE_MS = 2_000;
/** What its guard is given to see that it is gone. */
const GUARD_MS = 500;

/**
 * Left to itself the program works on when we have died, whatever becomes of its streams. So a shell holds a line to us: when that ends, by
 * our wish or with our process, it ends the program.
 */
const GUARD = `
exec 5<&0
"$@" <&5 4<&- 5<&- &
program=$!
exec 5<&- 0</dev/null 3<&-
{ read -r _ <&4; kill -TERM $program; sleep ${GRACE_MS / 1000}; kill -KILL $program; } >/dev/null 2>&1 &
guard=$!
exec 4<&-
trap 'kill -TERM $program 2>/dev/null' TERM INT HUP
wait $program
code=$?
while kill -0 $program 2>/dev/null; do wait $program; code=$?; done
kill $guard 2>/dev/null
exit $code
`;

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
    spawn: (options) => {
      const started = process.platform === "win32" ? startPlainly(options) : startGuarded(options, apiKey);
      child = started;
      exit = new Promise((resolve) => {
        started.once("exit", () => resolve());
        started.once("error", () => resolve());
      });
      // What is written to a program that is gone, or read from it, must not end ours.
      for (const stream of started.stdio) stream?.on("error", () => undefined);
      onStart(program);
      return started as SpawnedProcess;
    },
    gone: () => exit,
    async kill() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return exit;
      const { pid, stdio } = child;
      if (stdio[LIFELINE] === undefined) child.kill();
      else stdio[LIFELINE]?.destroy();
      const late = setTimeout(() => killAll(pid), GRACE_MS + GUARD_MS);
      await exit;
      clearTimeout(late);
    },
  };
  return program;
}

type Start = Pick<SpawnOptions, "command" | "args" | "cwd" | "env">;

function startPlainly({ command, args, cwd, env }: Start): ChildProcess {
  return spawn(command, args, { ...(cwd !== undefined && { cwd }), env, stdio: ["pipe", "pipe", "pipe"], windowsHide: true });
}

function startGuarded({ command, args, cwd, env }: Start, apiKey: string | undefined): ChildProcess {
  const key = apiKey === undefined ? undefined : keyDescriptor(apiKey);
  try {
    return spawn("/bin/sh", ["-c", GUARD, "massgen", command, ...args], {
      ...(cwd !== undefined && { cwd }),
      env: { ...env, ...(key !== undefined && { CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR: String(KEY_DESCRIPTOR) }) },
      stdio: ["pipe", "pipe", "pipe", key ?? "ignore", "pipe"],
      detached: true,
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
