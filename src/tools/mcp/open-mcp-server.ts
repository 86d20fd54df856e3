import { MassgenError } from "../../core/errors.ts";
import type { Tool, ToolSource } from "../tool.ts";
import type { Connected, ConnectOptions } from "./connect.ts";
import type { McpServerAddress } from "./server-definition.ts";
import { serverTools } from "./server-tools.ts";
import { whyNot } from "./why-not.ts";

/** An MCP server that is ready, with all its tools. */
export interface McpServer extends ToolSource {
  readonly name: string;
}

/** The program's own version, and how it asks over HTTP. */
export type McpOptions = ConnectOptions;

/**
 * Starts or reaches an MCP server and asks for its tools.
 * @throws MassgenError `config` that says in a sentence why there are none; nothing is left running then
 */
export async function openMcpServer(definition: McpServerAddress, options: ConnectOptions, signal: AbortSignal): Promise<McpServer> {
  const { name, connection, startMs } = definition;
  const late = AbortSignal.timeout(startMs);
  const within = AbortSignal.any([signal, late]);
  let connected: Connected | undefined;
  try {
    const { connect } = await import("./connect.ts");
    connected = await unlessAborted(connect(connection, options, within), within);
    const tools: readonly Tool[] = await unlessAborted(serverTools(name, connected, within), within);
    const open = connected;
    return { name, tools, close: () => open.close() };
  } catch (error) {
    await connected?.close();
    signal.throwIfAborted();
    const why = late.aborted ? `gave no answer within ${Math.round(startMs / 1_000)} seconds` : whyNot(error, connection);
    throw new MassgenError("config", `The MCP server "${name}" ${why}.`, { cause: error });
  }
}

/** A server that does not listen to being given up is not waited for; it is closed when it answers after all. */
async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
