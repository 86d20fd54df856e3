import { askServer } from "../http/ask-server.ts";
import { normaliseBaseUrl } from "../backends/chatcompletion/base-url.ts";
import { type EngineAddress, PROBE_MS } from "./engine.ts";

/** An engine's HTTP server. Paths begin with a slash; answers are JSON where they are, else text. */
export interface EngineServer {
  /** Scheme, host and port, and the path before `/v1` where a proxy puts one. */
  readonly origin: string;
  /** For sentences: `Ollama at http://127.0.0.1:11434`. */
  readonly name: string;
  readonly apiKey?: string;
  /** Within `PROBE_MS`; throws what `failureOf` reads. */
  get(path: string, signal: AbortSignal): Promise<unknown>;
  /** As long as it takes. */
  post(path: string, body: object, signal: AbortSignal): Promise<unknown>;
}

/** @param title of the engine, for people */
export function engineServer(title: string, { baseUrl, apiKey }: EngineAddress): EngineServer {
  const origin = normaliseBaseUrl(baseUrl).replace(/\/v1$/u, "");
  const key = apiKey === undefined ? {} : { apiKey };
  return {
    origin,
    name: `${title} at ${origin}`,
    ...key,
    get: (path, signal) => askServer(`${origin}${path}`, { ...key, timeoutMs: PROBE_MS }, signal),
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
