import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { answeredBadly } from "../../http/ask-server.ts";
import { isLoopback } from "../../http/loopback.ts";
import type { EngineServer } from "../engine-server.ts";
import { quietly } from "../engine-server.ts";

/** Where `lms` is looked for. */
export interface LmsPlaces {
  /** This user's home by default. */
  readonly home?: string;
  /** Folders as in the environment variable PATH, which is the default. */
  readonly path?: string;
}

/** LM Studio's own command on this machine. */
export interface Lms {
  /** Makes a command talk to this very server; without it one that runs nowhere is started. */
  readonly reach: readonly string[];
  /**
   * Runs it to its end.
   * @returns what it wrote to stdout
   * @throws what `failureOf` reads, with what it wrote to stderr; the reason of the signal
   */
  run(args: readonly string[], signal: AbortSignal, onText?: (text: string) => void): Promise<string>;
}

/** `lms`, where the server is on this machine and the command can be found. */
export async function localLms(server: EngineServer, places: LmsPlaces = {}): Promise<Lms | undefined> {
  const { protocol, hostname, port } = new URL(server.origin);
  if (protocol !== "http:" || !isLoopback(hostname)) return undefined;
  const file = await findLms(places);
  if (file === undefined) return undefined;
  return {
    reach: ["--host", hostname.replaceAll(/[[\]]/gu, ""), "--port", port === "" ? "80" : port],
    run: (args, signal, onText) => run(file, { args, server, signal, onText }),
  };
}

async function findLms({ home = homedir(), path: folders = process.env.PATH ?? "" }: LmsPlaces): Promise<string | undefined> {
  const pointed = (await quietly(readFile(path.join(home, ".lmstudio-home-pointer"), "utf8")))?.trim() ?? "";
  const homes = [...(pointed === "" ? [] : [pointed]), path.join(home, ".lmstudio"), path.join(home, ".cache", "lm-studio")];
  const places = [...homes.map((folder) => path.join(folder, "bin")), ...folders.split(path.delimiter).filter((folder) => folder !== "")];
  const name = process.platform === "win32" ? "lms.exe" : "lms";
  for (const folder of places) {
    const file = path.join(folder, name);
    if ((await quietly(access(file, constants.X_OK).then(() => true))) === true) return file;
  }
  return undefined;
}

interface Command {
  readonly args: readonly string[];
  readonly server: EngineServer;
  readonly signal: AbortSignal;
  readonly onText: ((text: string) => void) | undefined;
}

const MOST_OUTPUT = 4_000_000;
const MOST_COMPLAINT = 8000;
/** Any other token makes `lms` fail. */
const TOKEN = /^sk-lm-[A-Za-z0-9]{8}:[A-Za-z0-9]{20}$/u;

function run(file: string, { args, server, signal, onText }: Command): Promise<string> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const { apiKey = "" } = server;
    const env = { ...process.env, ...(TOKEN.test(apiKey) ? { LM_API_TOKEN: apiKey } : {}) };
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], windowsHide: true, env });
    const stop = (): void => {
      child.kill();
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", stop, { once: true });
    let output = "";
    let complaint = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      if (output.length < MOST_OUTPUT) output += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      complaint = (complaint + chunk).slice(-MOST_COMPLAINT);
      onText?.(chunk);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      signal.removeEventListener("abort", stop);
      if (code === 0) return resolve(output);
      const message = `lms ${args.slice(0, 2).join(" ")}: ${lastWords(apiKey === "" ? complaint : complaint.replaceAll(apiKey, "…")) || `it ended with ${String(code)}`}`;
      reject(answeredBadly(server.origin, { error: { message } }, 500));
    });
  });
}

const MOST_LINES = 4;

/** What a person needs to see of it: no colours, no progress. */
function lastWords(complaint: string): string {
  const lines = complaint
    // eslint-disable-next-line no-control-regex -- colours begin with a control character
    .replaceAll(/\u001B\[[\d;?]*[A-Za-z]/gu, "")
    .split(/[\r\n]+/u)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/\d%/u.test(line));
  return lines.slice(-MOST_LINES).join(" ");
}
