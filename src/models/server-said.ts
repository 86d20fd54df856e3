/** Characters of a server's own words that fit into one sentence. */
const LONGEST_QUOTE = 300;

/** Bodies beyond this are cut before they are looked at. */
const LONGEST_BODY = 64_000;

/** What a server said in an error, whatever shape it chose. */
export interface ServerSaid {
  /** On one line, at most 300 characters; empty when it said nothing. */
  readonly quote: string;
  /** All of it, for telling kinds of trouble apart. */
  readonly full: string;
  /** A status hidden in the body of an answer that itself had another one. */
  readonly status?: number;
}

/** @param body text of an error body, or an error value that was taken out of one */
export function serverSaid(body: unknown): ServerSaid {
  const value = typeof body === "string" ? parsed(body.slice(0, LONGEST_BODY)) : body;
  const status = statusIn(value);
  const message = messageIn(value) ?? (typeof value === "string" ? plainText(value) : "");
  return {
    quote: shorten(message),
    full: typeof value === "string" ? value : JSON.stringify(value),
    ...(status === undefined ? {} : { status }),
  };
}

/** One line, bounded, without the credentials that an address may hold. */
export function shorten(text: string, longest = LONGEST_QUOTE): string {
  const line = text
    .replaceAll(/\s+/gu, " ")
    .replaceAll(/\/\/[^\s/@]+@/gu, "//")
    .trim();
  return line.length > longest ? `${line.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/u, "")}…` : line;
}

/** Whether a text is a web page instead of an answer. */
export function isWebPage(text: string): boolean {
  return /^\uFEFF?\s*<(?:!doctype|html|head|\?xml)/iu.test(text);
}

/** The message in `{error: "…"}`, `{error: {message}}`, `{message}`, `{detail: "…"}`, `{detail: [{msg}]}`, however deep it was wrapped. */
function messageIn(value: unknown, depth = 0): string | undefined {
  if (typeof value === "string") return depth === 0 ? undefined : (messageWithin(value, depth) ?? value);
  if (Array.isArray(value)) return value.map((item) => messageIn(item, depth + 1) ?? "").find((text) => text !== "");
  if (typeof value !== "object" || value === null || depth > 4) return undefined;
  const fields = value as Record<string, unknown>;
  for (const name of ["error", "message", "detail", "msg", "error_message", "reason"]) {
    const found = messageIn(fields[name], depth + 1);
    if (found !== undefined && found !== "") return found;
  }
  return undefined;
}

/** Newer versions of Ollama hand on what their runner said as text. */
function messageWithin(text: string, depth: number): string | undefined {
  return text.startsWith("{") ? messageIn(parsed(text), depth) : undefined;
}

function statusIn(value: unknown): number | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { error, code, status, statusCode } = value as Record<string, unknown>;
  const found = [code, status, statusCode].map(Number).find((number) => Number.isInteger(number) && number >= 300 && number < 600);
  return found ?? statusIn(error);
}

function plainText(text: string): string {
  if (!isWebPage(text)) return text;
  const title = /<title[^>]*>([\s\S]*?)<\/title>/iu.exec(text)?.[1]?.trim();
  return title === undefined || title === "" ? "a web page" : `a web page titled "${title}"`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
