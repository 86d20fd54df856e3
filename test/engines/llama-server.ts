import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { engineCache } from "./engine-cache.ts";

export interface LlamaServerOptions {
  /** Requests at once, by default 2. */
  readonly slots?: number;
  /** Tokens of one slot, by default 4,096. */
  readonly contextTokens?: number;
  /** A chat template (Jinja text) in place of the model's own. */
  readonly template?: string;
  /** A key that requests must carry. */
  readonly key?: string;
  /** Another GGUF file than SmolLM2. */
  readonly model?: string;
}

export interface RunningLlamaServer {
  /** Ends in `/v1`. */
  readonly baseUrl: string;
  close(): Promise<void>;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const START_MS = 60_000;

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

async function stop(child: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

function ready(child: Child): Promise<void> {
  return new Promise((resolve, reject) => {
    let printed = "";
    let complaint = "";
    const late = setTimeout(() => reject(new Error(`llama-server was not ready after ${START_MS} ms: ${complaint}`)), START_MS);
    child.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      if (!/^READY$/m.test(printed)) return;
      clearTimeout(late);
      resolve();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-2000);
    });
    child.on("exit", (code) => {
      clearTimeout(late);
      reject(new Error(`llama-server ended with ${code} before it was ready: ${complaint}`));
    });
  });
}

/**
 * Starts a real llama-server on a free port of this machine, installing it on first use. It ends with `close`, or with this process.
 * Ask `reasonToSkip` first: where there is no Python and no network this throws `EngineUnavailableError`.
 */
export async function startLlamaServer(options: LlamaServerOptions = {}): Promise<RunningLlamaServer> {
  const cache = await engineCache();
  const port = await freePort();
  const child = spawn(cache.python, [join(import.meta.dirname, "llama_server.py")], { stdio: ["pipe", "pipe", "pipe"] });
  const settings = {
    model: options.model ?? cache.model,
    port,
    slots: options.slots ?? 2,
    context: options.contextTokens ?? 4096,
    // Threads that wait for each other by spinning stall when the other tests need the cores.
    threads: Math.max(1, availableParallelism() - 1),
    template: options.template,
    key: options.key,
  };
  child.stdin.write(`${JSON.stringify(settings)}\n`);
  try {
    await ready(child);
  } catch (error) {
    await stop(child);
    throw error;
  }
  return { baseUrl: `http://127.0.0.1:${port}/v1`, close: () => stop(child) };
}
