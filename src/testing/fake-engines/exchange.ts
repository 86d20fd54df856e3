import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { sendBody } from "../fake-openai/send-reply.ts";
import { listen, stop } from "../fake-openai/listen.ts";
import type { EngineCore } from "./engine-core.ts";
import type { FakeEngine, Refusal } from "./fake-engine.ts";

/** A request that has been read. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The body as JSON; undefined where it is none. */
  readonly json: unknown;
  readonly text: string;
  readonly response: ServerResponse;
  /** Aborted when the client is gone. */
  readonly gone: AbortSignal;
}

type Handler = (exchange: Exchange) => Promise<void> | void;

/** By method and path; a path that ends with `*` takes all that begin like it. */
export type Routes = Readonly<Record<string, Handler>>;

interface Serving {
  readonly core: EngineCore;
  readonly port: number | undefined;
  readonly routes: Routes;
  /** Comes before the routes: keys, loading. Undefined lets the request through. */
  readonly guard?: (exchange: Exchange) => Refusal | undefined;
  /** What a path that does not exist answers. */
  readonly unknown: (exchange: Exchange) => Refusal;
  readonly unload: (id: string) => void;
}

/** Listens on 127.0.0.1. */
export async function serve({ core, port = 0, routes, guard, unknown, unload }: Serving): Promise<FakeEngine> {
  const paths: string[] = [];

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const exchange = await read(incoming, response);
    const line = `${exchange.method} ${exchange.path}`;
    paths.push(line);
    const refusal = guard?.(exchange);
    if (refusal !== undefined) return refuse(exchange, refusal);
    const handler = routes[line] ?? Object.entries(routes).find(([key]) => key.endsWith("*") && line.startsWith(key.slice(0, -1)))?.[1];
    await (handler === undefined ? refuse(exchange, unknown(exchange)) : handler(exchange));
  };

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });
  await listen(server, port);
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    baseUrl: `${origin}/v1`,
    requests: core.requests,
    paths,
    loads: core.loads,
    get open() {
      return core.counts.open;
    },
    get maxOpen() {
      return core.counts.maxOpen;
    },
    get closedEarly() {
      return core.counts.closedEarly;
    },
    unload,
    close: () => stop(server),
  };
}

/** Answers with a whole body. */
export async function respond({ response }: Exchange, body: object | string, status = 200): Promise<void> {
  await sendBody(response, { status }, body);
}

export async function refuse({ response }: Exchange, { status, body, headers = {} }: Refusal): Promise<void> {
  await sendBody(response, { status, headers }, body);
}

/** The body as an object; an empty one where it is something else. */
export function fields(exchange: Exchange): Readonly<Record<string, unknown>> {
  const { json } = exchange;
  return typeof json === "object" && json !== null ? (json as Readonly<Record<string, unknown>>) : {};
}

async function read(incoming: IncomingMessage, response: ServerResponse): Promise<Exchange> {
  const gone = new AbortController();
  response.once("close", () => gone.abort(new Error("The client is gone.")));
  const url = new URL(incoming.url ?? "/", "http://fake");
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  const { method = "GET", headers } = incoming;
  return { method, path: url.pathname, query: url.searchParams, headers, json: parse(text), text, response, gone: gone.signal };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
