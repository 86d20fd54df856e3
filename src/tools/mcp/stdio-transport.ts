import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { type JSONRPCMessage, ReadBuffer, serializeMessage, type Transport, type TransportSendOptions } from "@modelcontextprotocol/client";
import { getDefaultEnvironment } from "@modelcontextprotocol/client/stdio";
import type { McpConnection } from "./server-definition.ts";

/** A message larger than this ends the server: it would take the memory of everything else. */
const MOST_BYTES = 8 * 1024 * 1024;
/** How much of what a server writes beside the protocol is kept, in characters. */
const MOST_REMARKS = 2_000;
/** How long a server may take to leave once its input ends, and once it is told to, in milliseconds. */
const GRACE_MS = { asked: 500, told: 1_000 };

/** Servers that run, so that none is left behind when this process ends, by itself or by a signal. */
const running = new Set<ChildProcess>();

const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function killAll(): void {
  for (const child of running) killGroup(child, "SIGKILL");
}

/** Where nobody else listens, a signal ends this process as it would without us, but takes the servers with it. */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  killAll();
  watch(false);
  process.kill(process.pid, signal);
}

function watch(on: boolean): void {
  process[on ? "on" : "off"]("exit", killAll);
  for (const signal of endingSignals) process[on ? "on" : "off"](signal, onSignal);
}

function began(child: ChildProcess): void {
  if (running.size === 0) watch(true);
  running.add(child);
}

function ended(child: ChildProcess): void {
  if (running.delete(child) && running.size === 0) watch(false);
}

/**
 * Speaks with a server over its standard input and output. It has a process group of its own: an interrupt at the terminal is ours to handle,
 * and programs that start the real server (`npx`, `uvx`) are ended together with it.
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #connection: Extract<McpConnection, { type: "stdio" }>;
  readonly #buffer = new ReadBuffer({ maxBufferSize: MOST_BYTES });
  #child: ChildProcess | undefined;
  #remarks = "";
  #end: string | undefined;

  constructor(connection: Extract<McpConnection, { type: "stdio" }>) {
    this.#connection = connection;
  }

  /** How the server ended, once it has: `ended with code 1: …`. */
  get end(): string | undefined {
    return this.#end;
  }

  start(): Promise<void> {
    const { command, args, env, cwd } = this.#connection;
    const child = spawn(command, args, {
      env: { ...getDefaultEnvironment(), ...env },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
      ...(cwd === undefined ? {} : { cwd }),
    });
    this.#child = child;
    began(child);
    child.stdout.on("data", (chunk: Buffer) => this.#read(chunk));
    child.stderr.on("data", (chunk: Buffer) => (this.#remarks = (this.#remarks + chunk.toString()).slice(-MOST_REMARKS)));
    child.stdin.on("error", (error) => this.onerror?.(error));
    child.once("exit", (code, signal) => {
      ended(child);
      // What the program itself had started; later the number of the group may be somebody else's.
      killGroup(child, "SIGKILL");
      this.#ended(signal === null ? `ended with code ${code}` : `was ended by ${signal}`);
    });
    return new Promise((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (error) => {
        ended(child);
        this.#ended(`could not be started: ${whyNoStart(error, this.#connection)}`);
        reject(error);
      });
    });
  }

  send(message: JSONRPCMessage, _options?: TransportSendOptions): Promise<void> {
    const input = this.#child?.stdin;
    if (input?.writable !== true) return Promise.reject(new Error("the server has ended"));
    return new Promise((resolve) => {
      if (input.write(serializeMessage(message))) resolve();
      else input.once("drain", resolve);
    });
  }

  async close(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || hasEnded(child)) return;
    child.stdin?.end();
    if (!(await endsWithin(child, GRACE_MS.asked))) {
      killGroup(child, "SIGTERM");
      if (!(await endsWithin(child, GRACE_MS.told))) killGroup(child, "SIGKILL");
    }
  }

  #read(chunk: Buffer): void {
    try {
      this.#buffer.append(chunk);
    } catch {
      this.#ended(`sent more than ${MOST_BYTES / 1024 / 1024} MB at once and was ended`);
      void this.close();
      return;
    }
    for (;;) {
      try {
        const message = this.#buffer.readMessage();
        if (message === null) return;
        this.onmessage?.(message);
      } catch (error) {
        this.onerror?.(error as Error);
      }
    }
  }

  #ended(how: string): void {
    if (this.#end !== undefined) return;
    const said = this.#remarks.trim().split("\n").at(-1) ?? "";
    this.#end = said === "" || this.#child === undefined ? how : `${how}: ${said}`;
    this.#buffer.clear();
    this.onclose?.();
  }
}

function whyNoStart(
  { code, message }: NodeJS.ErrnoException,
  { command, cwd }: { readonly command: string; readonly cwd?: string },
): string {
  if (code === "EACCES") return `"${command}" may not be run`;
  if (code !== "ENOENT") return message;
  return cwd !== undefined && !existsSync(cwd) ? `there is no folder ${cwd}` : `there is no command "${command}"`;
}

function hasEnded({ exitCode, signalCode, pid }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null || pid === undefined;
}

function endsWithin(child: ChildProcess, ms: number): Promise<boolean> {
  if (hasEnded(child)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // Nobody is left in it.
  }
}
