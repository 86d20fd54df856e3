import { fstatSync } from "node:fs";
import { homedir } from "node:os";
import { isatty } from "node:tty";
import { MassgenError } from "../core/errors.ts";
import { diskTrouble } from "../log/log-trouble.ts";
import { systemClock } from "../models/clock.ts";
import type { Input, Io, Lines, TextStream } from "./io.ts";

/** The process as it is. */
export function systemIo(exitNow: (code: number) => void): Io {
  return {
    stdin: systemInput(),
    stdout: textStream(process.stdout, 1),
    stderr: textStream(process.stderr, 2),
    environment: process.env,
    platform: process.platform,
    userHome: homedir(),
    get folder() {
      return currentFolder();
    },
    clock: systemClock(),
    onInterrupt(callback) {
      process.on("SIGINT", callback).on("SIGTERM", callback);
      return () => process.off("SIGINT", callback).off("SIGTERM", callback);
    },
    exitNow,
  };
}

function currentFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new MassgenError("config", "The current folder is not there any more.", { hint: "Go to one that is: cd ~", cause });
  }
}

const readerGone: ReadonlySet<string | undefined> = new Set(["EPIPE", "ECONNRESET", "EOF", "ERR_STREAM_DESTROYED"]);

const names = { 1: "standard output", 2: "standard error" } as const;

function textStream(stream: NodeJS.WriteStream, descriptor: 1 | 2): TextStream {
  let broken: NodeJS.ErrnoException | undefined;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    broken ??= error;
  });
  return {
    isTerminal: isatty(descriptor),
    get columns() {
      return stream.columns || 80;
    },
    write(text) {
      if (broken === undefined) stream.write(text);
    },
    flushed: () =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (broken === undefined || readerGone.has(broken.code)) resolve();
          else reject(unwritable(names[descriptor], broken));
        };
        // An error is reported a moment after the write that met it.
        if (broken === undefined) stream.write("", () => setImmediate(check));
        else check();
      }),
  };
}

function unwritable(name: string, error: Error): Error {
  const trouble = diskTrouble(name, error);
  if (trouble === undefined) return error;
  return new MassgenError("disk", trouble.message, { hint: "A run that has ended is kept: massgen show last.", cause: error });
}

function systemInput(): Input {
  return {
    kind: kindOfInput(),
    async *chunks(signal) {
      const close = (): unknown => process.stdin.destroy();
      signal.addEventListener("abort", close, { once: true });
      try {
        for await (const chunk of process.stdin) yield chunk as Uint8Array;
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        signal.removeEventListener("abort", close);
      }
    },
    async readLine(prompt, signal) {
      const { createInterface } = await import("node:readline");
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      return new Promise((resolve) => {
        const leave = (): void => lines.close();
        signal.addEventListener("abort", leave, { once: true });
        lines.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
        // The end of the input is an answer too, and comes without a line.
        lines.once("close", () => {
          signal.removeEventListener("abort", leave);
          resolve("");
        });
        lines.question(prompt, (line) => {
          resolve(line);
          lines.close();
        });
      });
    },
    lines: systemLines,
  };
}

async function systemLines(): Promise<Lines> {
  const { createLines } = await import("./create-lines.ts");
  const { stdin, stderr, stdout } = process;
  const screen = stdin.isTTY ? [stderr, stdout].find(({ isTTY }) => isTTY) : undefined;
  const marksPastes = screen !== undefined && process.env["TERM"] !== "dumb";
  const lines = createLines({
    input: stdin,
    ...(screen && { screen }),
    marksPastes,
    interrupt: () => process.kill(process.pid, "SIGINT"),
  });
  // A process that is ended on the spot leaves the terminal as it was, too.
  const close = (): void => {
    process.off("exit", close);
    lines.close();
  };
  process.once("exit", close);
  return { next: (prompt, signal) => lines.next(prompt, signal), close };
}

function kindOfInput(): Input["kind"] {
  if (isatty(0)) return "terminal";
  try {
    const stat = fstatSync(0);
    if (stat.isFile()) return "file";
    if (stat.isFIFO()) return "pipe";
    return stat.isSocket() ? "socket" : "none";
  } catch {
    return "none";
  }
}
