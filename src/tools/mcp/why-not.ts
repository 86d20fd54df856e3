import type { McpConnection } from "./server-definition.ts";

/** Why a server is not there, as what follows its name: `cannot be reached: nothing listens at http://127.0.0.1:3000`. */
export function whyNot(error: unknown, connection: McpConnection): string {
  if (!(error instanceof Error)) return "cannot be reached";
  if (error.name === "ServerEnded") return error.message;
  const message = firstLine(error.message);
  if (connection.type === "stdio") return `does not answer as one: ${message}`;
  const { origin } = new URL(connection.url);
  const status = (error as { status?: unknown }).status;
  if (status === 401 || status === 403) return `refuses us (status ${status}): look at its headers`;
  if (typeof status === "number" && status >= 300 && status < 400)
    return `sends us from ${origin} to another address: name that one in url`;
  if (typeof status === "number") return `is not at ${connection.url.split("?")[0]} (status ${status})`;
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
  if (code === "ECONNREFUSED") return `cannot be reached: nothing listens at ${origin}`;
  if (code === "ENOTFOUND") return `cannot be reached: there is no host ${new URL(connection.url).hostname}`;
  // What `fetch` itself says is never the reason.
  const reason = error.cause instanceof Error && message === "fetch failed" ? firstLine(error.cause.message) : message;
  return `cannot be reached at ${origin}: ${reason}`;
}

function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").slice(0, 300).replace(/\.$/u, "");
}
