import { answeredBadly, askServer } from "../http/ask-server.ts";
import type { Backend, Listing } from "./backend.ts";
import { isJson } from "./chatcompletion/wire.ts";

/** How most clouds are asked. */
const usual: Listing = {
  url: (baseUrl) => `${baseUrl}/models`,
  headers: (apiKey) => ({ authorization: `Bearer ${apiKey}` }),
};

export interface ListingOptions {
  readonly baseUrl: string;
  readonly apiKey?: string;
  readonly timeoutMs: number;
}

/**
 * The names of a cloud's models: whether it can be reached and takes the key, without spending a token.
 * @throws APICallError for an answer that is none; network errors as they are
 */
export async function listModels(
  { listing = usual }: Pick<Backend, "listing">,
  { baseUrl, apiKey, timeoutMs }: ListingOptions,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const url = listing.url(baseUrl);
  const headers = apiKey === undefined ? {} : listing.headers(apiKey);
  const list = await askServer(url, { headers, secrets: [apiKey], timeoutMs }, signal);
  const entries = isJson(list) ? [list["data"], list["models"]].find(Array.isArray) : undefined;
  if (entries === undefined) throw answeredBadly(url, list);
  return (entries as readonly unknown[]).flatMap((entry) => nameIn(entry));
}

/** Google's names begin with `models/`. */
function nameIn(entry: unknown): readonly string[] {
  if (!isJson(entry)) return [];
  const name = [entry["id"], entry["name"]].find((value) => typeof value === "string");
  return name === undefined ? [] : [name.replace(/^models\//u, "")];
}
