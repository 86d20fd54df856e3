import { fetchModel } from "../models/http/dispatcher.ts";
import type { Fetch } from "../tools/mcp/bounded-fetch.ts";
import { openMcpServer as open } from "../tools/mcp/open-mcp-server.ts";
import type { McpConnection, ToolChoice } from "../tools/mcp/server-definition.ts";
import { chosenTools } from "../tools/mcp/server-tools.ts";
import type { ToolSource } from "../tools/tool.ts";

/** An MCP server: a program to start, or an address; and which of its tools are taken. */
export type McpServerOptions = ToolChoice & {
  /** For sentences, and before names of tools that two servers have. */
  readonly name: string;
  /** Longest it may take to be ready, in milliseconds; one minute by default. */
  readonly startMs?: number;
  readonly signal?: AbortSignal;
} & (
    | {
        readonly command: string;
        readonly args?: readonly string[];
        /** All that it gets of an environment, beside `PATH`, `HOME` and the like. */
        readonly env?: Readonly<Record<string, string>>;
        readonly cwd?: string;
      }
    | {
        readonly url: string;
        /** Sent to it and to no other host. */
        readonly headers?: Readonly<Record<string, string>>;
        /** Speaks server-sent events at once, as old servers do. */
        readonly sse?: boolean;
      }
  );

const START_MS = 60_000;

/**
 * Opens an MCP server for seats of a council, which closes it. Seats that name the same source share it.
 * @throws MassgenError `config` that says in a sentence why it is not there
 */
export async function openMcpServer(options: McpServerOptions): Promise<ToolSource> {
  const { name, startMs = START_MS, signal = new AbortController().signal } = options;
  const server = await open({ name, startMs, connection: connectionOf(options) }, { fetch: fetchModel as Fetch, version: "0" }, signal);
  return { tools: chosenTools(server.tools, options), close: () => server.close() };
}

function connectionOf(options: McpServerOptions): McpConnection {
  if ("url" in options) return { type: options.sse === true ? "sse" : "http", url: options.url, headers: options.headers ?? {} };
  const { command, args = [], env = {}, cwd } = options;
  return { type: "stdio", command, args, env, ...(cwd === undefined ? {} : { cwd }) };
}
