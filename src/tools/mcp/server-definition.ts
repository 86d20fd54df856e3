/** How an MCP server is reached: a program that is started, or an address. */
export type McpConnection =
  | {
      readonly type: "stdio";
      readonly command: string;
      readonly args: readonly string[];
      /** All that it is given of an environment, beside what every program needs (`PATH`, `HOME` and the like). */
      readonly env: Readonly<Record<string, string>>;
      readonly cwd?: string;
    }
  | {
      /** `http`: streamable HTTP, and where a server does not know that, server-sent events; `sse`: these at once. */
      readonly type: "http" | "sse";
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
    };

/** An MCP server by name. */
export interface McpServerAddress {
  readonly name: string;
  readonly connection: McpConnection;
  /** Longest it may take to be ready, in milliseconds; a package may have to be fetched first. */
  readonly startMs: number;
}

/** A server, and which of its tools an agent is given. */
export interface McpServerDefinition extends McpServerAddress {
  readonly tools: ToolChoice;
}

/** Tools by the names that the server gives them. Absent lists choose nothing. */
export interface ToolChoice {
  /** These and no others. */
  readonly allowed?: readonly string[];
  readonly excluded?: readonly string[];
  /** Known to change nothing, whatever the server says. */
  readonly readOnly?: readonly string[];
  /** Whether those that may change something may be used before the presentation. */
  readonly writes?: boolean;
}

/** Limits of the client are not used, ours are: this is the longest that a timer of Node can wait. */
export const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;
