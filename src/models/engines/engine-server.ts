import { askServer } from "../http/ask-server.ts";
import { normaliseBaseUrl } from "../backends/chatcompletion/base-url.ts";
import type { EngineAddress } from "./engine.ts";

/** An engine's HTTP server. Paths begin with a slash; answers are JSON where they are, else text. */
export interface EngineServer {
  /** Scheme, host and port, and the path before `/v1` where a proxy puts one. */
  readonly origin: string;
  /** For sentences: `Ollama at http://127.0.0.1:11434`. */
  readonly name: string;
  readonly apiKey?: string;
  /** Throws what `failureOf` reads. Answers within seconds: nothing that takes long is asked this way. */
  get(path: string, signal: AbortSignal): Promise<unknown>;
  /** As long as it takes. */
  post(path: string, body: object, signal: AbortSignal): Promise<unknown>;
}

/** A machine that computes on all its cores answers late. */
const ANSWER_MS = 5_000;

/** @param title of the engine, for people */
export function engineServer(title: string, { baseUrl, apiKey }: EngineAddress): EngineServer {
  const origin = normaliseBaseUrl(baseUrl).replace(/\/v1$/u, "");
  const key = apiKey === undefined ? {} : { apiKey };
  return {
    origin,
    name: `${title} at ${origin}`,
    ...key,
    get: (path, signal) => askServer(`${origin}${path}`, { ...key, timeoutMs: ANSWER_MS }, signal),
    post: (path, body, signal) => askServer(`${origin}${path}`, { ...key, body }, signal),
  };
}

/** What was asked, or nothing where that failed. */
export async function quietly<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked;
  } catch {
    return undefined;
  }
}
