import { Client, SdkHttpError, SSEClientTransport, StreamableHTTPClientTransport, type Transport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { boundedFetch, type Fetch } from "./bounded-fetch.ts";
import { LONGEST_TIMEOUT_MS, type McpConnection } from "./server-definition.ts";
import { StdioTransport } from "./stdio-transport.ts";

/** A server that has answered. */
export interface Connected {
  readonly client: Client;
  /** How its program ended, once it has. */
  readonly end: () => string | undefined;
  /** Aborted when no call that is open now will be answered. */
  readonly trouble?: () => AbortSignal;
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** For HTTP; redirects are not followed to other hosts. */
  readonly fetch: Fetch;
  readonly version: string;
}

/** Starts or reaches a server and greets it. Rejects with what went wrong; nothing is left running then. */
export async function connect(connection: McpConnection, options: ConnectOptions, signal: AbortSignal): Promise<Connected> {
  if (connection.type === "stdio") return over(stdioTransport(connection), options, signal);
  const trouble = createTrouble();
  const more = { requestInit: { headers: { ...connection.headers } }, fetch: boundedFetch(options.fetch, trouble.happen) };
  const url = new URL(connection.url);
  const greet = async (transport: Transport): Promise<Connected> => ({
    ...(await over(transport, options, signal)),
    trouble: trouble.signal,
  });
  if (connection.type === "sse") return greet(new SSEClientTransport(url, more));
  try {
    return await greet(new StreamableHTTPClientTransport(url, more));
  } catch (error) {
    // What older servers answer to a request that they do not know (specification 2025-03-26, backwards compatibility).
    if (!isRefusal(error)) throw error;
    return greet(new SSEClientTransport(url, more)).catch(() => {
      throw error;
    });
  }
}

/** What ends all calls that are open at that moment. */
function createTrouble(): { readonly happen: (error: Error) => void; readonly signal: () => AbortSignal } {
  let controller = new AbortController();
  return {
    signal: () => controller.signal,
    happen(error) {
      const before = controller;
      controller = new AbortController();
      before.abort(error);
    },
  };
}

function stdioTransport(connection: Extract<McpConnection, { type: "stdio" }>): Transport {
  if (process.platform !== "win32") return new StdioTransport(connection);
  const { command, args, env, cwd } = connection;
  return new StdioClientTransport({ command, args: [...args], env: { ...env }, stderr: "ignore", ...(cwd === undefined ? {} : { cwd }) });
}

async function over(transport: Transport, { version }: ConnectOptions, signal: AbortSignal): Promise<Connected> {
  // What servers give is for a model to read: a result that is not quite what its server promised is better than none.
  const jsonSchemaValidator = { getValidator: () => (input: unknown) => ({ valid: true, data: input, errorMessage: undefined }) as never };
  const client = new Client({ name: "massgen", version }, { jsonSchemaValidator });
  const close = async (): Promise<void> => {
    await client.close().catch(() => undefined);
    await transport.close().catch(() => undefined);
  };
  const end = (): string | undefined => (transport instanceof StdioTransport ? transport.end : undefined);
  const giveUp = (): void => void close();
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    await client.connect(transport, { signal, timeout: LONGEST_TIMEOUT_MS });
    signal.throwIfAborted();
  } catch (error) {
    const why = end();
    await close();
    throw why === undefined ? error : new ServerEnded(why, { cause: error });
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
  return { client, end, close };
}

/** The message says how, as what follows the name of the server. */
class ServerEnded extends Error {
  override readonly name = "ServerEnded";
}

function isRefusal(error: unknown): boolean {
  return error instanceof SdkHttpError && [400, 404, 405].includes(error.status ?? 0);
}
