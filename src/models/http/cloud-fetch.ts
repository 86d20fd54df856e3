import { APICallError, type JSONObject } from "@ai-sdk/provider";
import { leavingOutRefused } from "../backends/chatcompletion/leave-out-refused.ts";
import type { Fetch } from "../backends/chatcompletion/normalise-reply.ts";
import { isJson, parseJson } from "../backends/chatcompletion/wire.ts";
import { isWebPage } from "../server-said.ts";
import { fetchModel } from "./dispatcher.ts";
import { readBounded } from "./read-bounded.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** Bytes of an error body that are looked at. */
const LONGEST_ERROR = 64_000;

export interface CloudFetchOptions {
  /** Texts that are blanked in what a refusal says: some servers repeat the key that they refuse. */
  readonly secrets: readonly (string | undefined)[];
  /** Fields that every request's body gets, into mappings that are there already. */
  readonly body?: JSONObject | undefined;
  readonly fetch?: Fetch;
}

/**
 * `fetch` for the providers of the AI SDK: our shared connections, further fields, fields left out that a server refuses by name.
 * What is no good answer is thrown as an `APICallError` with the body it came with; redirects are not followed.
 */
export function cloudFetch({ secrets, body, fetch = fetchModel }: CloudFetchOptions): typeof globalThis.fetch {
  const asking = leavingOutRefused(fetch);
  const cloud: Fetch = async (url, init) => {
    const response = await asking(url, body === undefined ? init : { ...init, body: withFields(init?.body, body) });
    const type = response.headers.get("content-type") ?? "";
    if (response.ok && !isOddAnswer(type, init?.body)) return response;
    const said = response.body === null ? "" : await readBounded(response.body.getReader(), LONGEST_ERROR);
    const known = response.ok && isPage(type) && !isWebPage(said) ? "" : said;
    throw new APICallError({
      message: response.statusText,
      url: String(url),
      requestBodyValues: {},
      statusCode: response.status,
      responseHeaders: Object.fromEntries(response.headers),
      responseBody: withoutSecrets(known, secrets),
      isRetryable: false,
    });
  };
  // The SDK asks for the type of the global `fetch`, of which it uses what every `fetch` has.
  return cloud as unknown as typeof globalThis.fetch;
}

function isPage(contentType: string): boolean {
  return contentType.startsWith("text/html");
}

function isOddAnswer(contentType: string, asked: unknown): boolean {
  return isPage(contentType) || (contentType.startsWith("application/json") && isForStream(asked));
}

/** Whoever was asked for a stream and answers with a document has no reply to give: gateways put their errors there, with a good status. */
function isForStream(body: unknown): boolean {
  const sent = typeof body === "string" ? parseJson(body) : undefined;
  return isJson(sent) && sent["stream"] === true;
}

function withFields(body: unknown, fields: JSONObject): string {
  const sent = typeof body === "string" ? parseJson(body) : undefined;
  return typeof body === "string" && isJson(sent) ? JSON.stringify(merged(sent, fields)) : String(body);
}

function merged(into: Readonly<Record<string, unknown>>, fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const result: Record<string, unknown> = { ...into };
  for (const [name, value] of Object.entries(fields)) {
    const before = result[name];
    result[name] = isJson(before) && isJson(value) ? merged(before, value) : value;
  }
  return result;
}
