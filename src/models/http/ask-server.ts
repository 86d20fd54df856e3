import { APICallError } from "@ai-sdk/provider";
import { parseJson } from "../backends/chatcompletion/wire.ts";
import { fetchModel, readyToFetch } from "./dispatcher.ts";
import { patientTimeout } from "./patient-timeout.ts";
import { readBounded } from "./read-bounded.ts";
import { withoutSecrets } from "./without-secrets.ts";

const LONGEST_BODY = 4_000_000;

export interface Question {
  /** Sent as JSON, by POST; without it the request is a GET. */
  readonly body?: object;
  /** Sent as a bearer token. */
  readonly apiKey?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Blanked in what comes back, as is `apiKey`. */
  readonly secrets?: readonly (string | undefined)[];
  /** Absent: as long as it takes. */
  readonly timeoutMs?: number;
}

/**
 * One request to a server that is no call to a model.
 * @returns what its body is as JSON, else its text
 * @throws APICallError for every other status than 2xx; network errors as they are
 */
export async function askServer(url: string, question: Question, signal: AbortSignal): Promise<unknown> {
  await readyToFetch();
  if (question.timeoutMs === undefined) return ask(url, question, signal);
  const limit = patientTimeout(question.timeoutMs);
  try {
    return await ask(url, question, AbortSignal.any([signal, limit.signal]));
  } finally {
    limit.stop();
  }
}

async function ask(url: string, { body, apiKey, headers = {}, secrets = [] }: Question, signal: AbortSignal): Promise<unknown> {
  const response = await fetchModel(url, {
    signal,
    headers: {
      ...headers,
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  });
  const said = response.body === null ? "" : await readBounded(response.body.getReader(), LONGEST_BODY);
  const text = withoutSecrets(said, [apiKey, ...secrets]);
  if (response.ok) return parseJson(text) ?? text;
  throw answeredBadly(url, text, response.status, Object.fromEntries(response.headers));
}

/** An answer that is none, as an error that `failureOf` reads. */
export function answeredBadly(url: string, body: unknown, status = 200, responseHeaders: Record<string, string> = {}): APICallError {
  const responseBody = typeof body === "string" ? body : JSON.stringify(body);
  return new APICallError({ message: "", url, requestBodyValues: {}, statusCode: status, responseBody, responseHeaders });
}
