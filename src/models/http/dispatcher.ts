import { lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Dispatcher, RequestInit, Response } from "undici";
import { isLoopback } from "./loopback.ts";

/** Longest a connection may take, in milliseconds. */
const CONNECT_MS = 5000;

/** vLLM and SGLang (uvicorn) and servers on Node close an idle connection after 5 s: one that is used just then breaks the call. */
const KEEP_ALIVE_MS = 4000;

/** Most local servers listen on IPv4 only, and `localhost` may be looked up as `::1` first. */
const ipv4First: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, order: "ipv4first" }, callback);
};

/**
 * No limits on headers and body: local engines load and read prompts for longer than undici's 300 s, and our own timers watch them.
 * Kept alive and shared by all backends.
 */
const agentOptions = {
  headersTimeout: 0,
  bodyTimeout: 0,
  keepAliveTimeout: KEEP_ALIVE_MS,
  connect: { timeout: CONNECT_MS, autoSelectFamily: true, lookup: ipv4First },
};

interface Dispatchers {
  readonly fetch: (url: string | URL, init: RequestInit) => Promise<Response>;
  /** This machine is never asked through a proxy. */
  readonly local: Dispatcher;
  /** Honours HTTP_PROXY, HTTPS_PROXY and NO_PROXY; NODE_EXTRA_CA_CERTS is Node's own business. */
  readonly remote: Dispatcher;
}

let shared: Promise<Dispatchers> | undefined;

async function load(): Promise<Dispatchers> {
  const { Agent, EnvHttpProxyAgent, fetch } = await import("undici");
  return { fetch, local: new Agent(agentOptions), remote: new EnvHttpProxyAgent(agentOptions) };
}

/** Settles once a request can leave at once: what limits a server's time is not to count ours. */
export async function readyToFetch(): Promise<void> {
  shared ??= load();
  await shared;
}

/** `fetch` for model servers: shared connections, no hidden limits, redirects handed back instead of followed. */
export async function fetchModel(url: string | URL, init: RequestInit = {}): Promise<Response> {
  shared ??= load();
  const { fetch, local, remote } = await shared;
  // A connection is free again in the turn after the end of a body: whoever asks sooner opens another.
  await nextTurn();
  const dispatcher = isLoopback(new URL(url).hostname) ? local : remote;
  return fetch(url, { ...init, dispatcher, redirect: "manual" });
}
