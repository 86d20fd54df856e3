import type { ReadableStreamDefaultReader } from "node:stream/web";
import { APICallError } from "@ai-sdk/provider";
import type { RequestInit, Response } from "undici";
import { isWebPage } from "../../server-said.ts";
import { readBounded } from "../../http/read-bounded.ts";
import { withoutSecrets } from "../../http/without-secrets.ts";
import { createChunkNormaliser, errorOf } from "./normalise-chunk.ts";
import { normaliseStream } from "./normalise-stream.ts";
import { isJson, parseJson } from "./wire.ts";

/** Bytes of an error body that are looked at. */
const LONGEST_ERROR = 64_000;
/** Bytes of a reply that was not streamed. */
const LONGEST_REPLY = 32_000_000;

export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/**
 * Wraps `fetch` so that whatever a server answers becomes an event stream or an error that the SDK reads.
 * Redirects, errors in disguise, web pages and empty bodies are thrown as `APICallError` with the body they came with.
 * @param secrets texts that are blanked in all that comes back
 */
export function normalisingFetch(fetch: Fetch, secrets: readonly string[]): Fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    const refuse = (responseBody: string): APICallError =>
      new APICallError({
        message: response.statusText,
        url: String(url),
        requestBodyValues: {},
        statusCode: response.status,
        responseHeaders: Object.fromEntries(response.headers),
        responseBody: withoutSecrets(responseBody, secrets),
        isRetryable: false,
      });
    const reader = response.body?.getReader();
    if (reader === undefined) throw refuse("");
    if (!response.ok) throw refuse(await readBounded(reader, LONGEST_ERROR));
    const head = await readHead(reader);
    const start = new TextDecoder().decode(Buffer.concat(head)).trimStart();
    if (start === "") throw refuse("");
    if (isWebPage(start)) throw refuse(await readBounded(reader, LONGEST_ERROR, head));
    const { Response } = await import("undici");
    const headers = { "content-type": "text/event-stream" };
    if (!start.startsWith("{") && !start.startsWith("[")) return new Response(normaliseStream(reader, head, secrets), { headers });
    const body = await readBounded(reader, LONGEST_REPLY, head);
    const events = asEvents(body);
    if (events === undefined) throw refuse(body);
    return new Response(withoutSecrets(events, secrets), { headers });
  };
}

/** The first chunks of a body, up to the first character that is no white space. */
async function readHead(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<readonly Uint8Array[]> {
  const head: Uint8Array[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return head;
    head.push(value);
    if (new TextDecoder().decode(value).trim() !== "") return head;
  }
}

/** A whole reply as the stream it should have been, or nothing when it is none. */
function asEvents(body: string): string | undefined {
  const reply = parseJson(body);
  if (!isJson(reply) || errorOf(reply) !== undefined || !Array.isArray(reply.choices)) return undefined;
  const chunks = createChunkNormaliser();
  const events = [chunks.normalise(reply), chunks.ending()].filter((chunk) => chunk !== undefined);
  return `${events.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("")}data: [DONE]\n\n`;
}
