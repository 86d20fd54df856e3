import type { McpConnection } from "./server-definition.ts";

/** Why a server is not there, as what follows its name: `cannot be reached: nothing listens at http://127.0.0.1:3000`. */
export function whyNot(error: unknown, connection: McpConnection): string {
  if (!(error instanceof Error)) return "cannot be reached";
  if (error.name === "ServerEnded") return error.message;
  if (connection.type === "stdio") return `does not answer as one: ${firstLine(error.message)}`;
  const { status } = error as { readonly status?: unknown };
  return typeof status === "number" ? whyStatus(status, connection.url) : whyUnreachable(error, new URL(connection.url));
}

function whyStatus(status: number, url: string): string {
  if (status === 401 || status === 403) return `refuses us (status ${status}): look at its headers`;
  if (status >= 300 && status < 400) return `sends us from ${new URL(url).origin} to another address: name that one in url`;
  return `is not at ${url.split("?")[0]} (status ${status})`;
}

function whyUnreachable({ cause, message }: Error, { origin, hostname }: URL): string {
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  if (code === "ECONNREFUSED") return `cannot be reached: nothing listens at ${origin}`;
  if (code === "ENOTFOUND") return `cannot be reached: there is no host ${hostname}`;
  // What `fetch` itself says is never the reason.
  const reason = cause instanceof Error && message === "fetch failed" ? cause.message : message;
  return `cannot be reached at ${origin}: ${firstLine(reason)}`;
}

function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").slice(0, 300).replace(/\.$/u, "");
}
