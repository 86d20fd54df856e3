import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Input, Io, TextStream, Typed } from "../../src/cli/io.ts";
import { runCommand } from "../../src/cli/run-command.ts";
import type { RunEvent } from "../../src/core/facts.ts";
import type { Clock } from "../../src/models/clock.ts";
import { type FakeRequest, type FakeServer, type FakeServerOptions, startFakeOpenAI } from "../../src/testing/fake-openai-server.ts";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the process would have ended with on the spot; here it goes on. */
  readonly killedWith?: number;
}

export interface Surroundings {
  readonly home: string;
  /** What comes on standard input; by default there is none. */
  readonly stdin?: string;
  /** What a person types at a terminal, line after line, and then Ctrl-D. */
  readonly typed?: readonly (string | Typed)[];
  readonly terminal?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  /** The current folder; `home` by default. */
  readonly folder?: string;
}

/** The command in this process. */
export interface Running {
  readonly result: Promise<Ran>;
  readonly interrupt: () => void;
}

/** Runs the command in this process, with time fifty times as fast, so that waits before retries are short. */
export function start(
  argv: readonly string[],
  { home, stdin, typed, terminal = false, environment = {}, folder = home }: Surroundings,
): Running {
  const [stdout, stderr] = [memoryStream(terminal), memoryStream(terminal)];
  const callbacks = new Set<() => void>();
  const killed: { killedWith?: number } = {};
  const io: Io = {
    stdin: typed === undefined ? memoryInput(stdin) : keyboard(typed, stderr.stream),
    stdout: stdout.stream,
    stderr: stderr.stream,
    environment: { MASSGEN_HOME: home, ...environment },
    platform: process.platform,
    userHome: home,
    folder,
    clock: fastClock(50),
    onInterrupt(callback) {
      callbacks.add(callback);
      return () => callbacks.delete(callback);
    },
    exitNow: (code) => void (killed.killedWith = code),
  };
  return {
    result: runCommand(argv, io).then((code) => ({ code, stdout: stdout.text(), stderr: stderr.text(), ...killed })),
    interrupt: () => callbacks.forEach((callback) => callback()),
  };
}

export function massgen(argv: readonly string[], surroundings: Surroundings): Promise<Ran> {
  return start(argv, surroundings).result;
}

function memoryStream(isTerminal: boolean): { readonly stream: TextStream; readonly text: () => string } {
  const pieces: string[] = [];
  const stream = { isTerminal, columns: 80, write: (text: string) => void pieces.push(text), flushed: async () => undefined };
  return { stream, text: () => pieces.join("") };
}

function memoryInput(text: string | undefined): Input {
  return {
    kind: text === undefined ? "none" : "pipe",
    async *chunks() {
      yield new TextEncoder().encode(text);
    },
    readLine: async () => "",
    lines: () => Promise.reject(new Error("nobody types here")),
  };
}

function keyboard(typed: readonly (string | Typed)[], echo: TextStream): Input {
  const coming = [...typed];
  return {
    ...memoryInput(undefined),
    kind: "terminal",
    lines: async () => ({
      async next(prompt, signal) {
        const [next] = signal.aborted ? [] : coming.splice(0, 1);
        if (typeof next !== "string") return next ?? { type: "end" };
        echo.write(`${prompt}${next}\n`);
        return { type: "line", text: next, unseen: false };
      },
      close: () => undefined,
    }),
  };
}

function fastClock(times: number): Clock {
  const origin = Date.now();
  const now = (): number => origin + (Date.now() - origin) * times;
  return {
    now,
    schedule(at, wake) {
      const timer = setTimeout(wake, Math.ceil(Math.max(0, at - now()) / times));
      return () => clearTimeout(timer);
    },
  };
}

/** The events that `--json` printed. */
export function eventsOf({ stdout }: Ran): readonly RunEvent[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as RunEvent);
}

/** A folder for one test file, with what the tests write into it. */
export interface Workplace {
  readonly folder: string;
  write(name: string, text: string): string;
  remove(): void;
}

export function workplace(): Workplace {
  const folder = mkdtempSync(join(tmpdir(), "massgen-cli-"));
  return {
    folder,
    write(name, text) {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

type Reply = Exclude<FakeServerOptions["reply"], (...parameters: never) => unknown>;

/** A server for models `one`, `two` and `three`: each drafts its own answer, all vote for what `two` wrote, or `other` says. */
export function councilServer(
  other: (request: FakeRequest) => Reply | undefined | Promise<Reply | undefined> = () => undefined,
): Promise<FakeServer> {
  return startFakeOpenAI({
    models: ["one", "two", "three"],
    reply: async (request) => (await other(request)) ?? usualReply(request),
  });
}

function isBallot({ body }: FakeRequest): boolean {
  return body.response_format !== undefined;
}

function usualReply(request: FakeRequest): Reply {
  if (!isBallot(request)) return { text: isDraft(request) ? `The draft of ${request.body.model}.` : "The final answer." };
  const label = /<answer name="(\w+)">\nThe draft of two/u.exec(promptOf(request))?.[1] ?? "A";
  return { text: JSON.stringify({ reason: "two is right", choice: label }) };
}

export function isDraft(request: FakeRequest): boolean {
  return !promptOf(request).includes("<answer name=");
}

function promptOf({ body }: FakeRequest): string {
  return body.messages.map(({ content }) => textOf(content)).join("\n");
}

/** Also where files stand beside the text. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return Array.isArray(content) ? content.map((part: { readonly text?: string }) => part.text ?? "").join("\n") : "";
}

/** A config with agents on `baseUrl`, named like their models. */
export function councilYaml(baseUrl: string, agents: readonly string[] = ["one", "two", "three"], more = ""): string {
  const seats = agents.map(
    (name) => `  - id: ${name}\n    backend: { type: chatcompletion, model: ${name}, base_url: "${baseUrl}", api_key: "${KEY}" }\n`,
  );
  return `agents:\n${seats.join("")}${more}`;
}

/** The key in the configs of these tests. */
export const KEY = "proj-4f9a17c2b8e35d60";
