import {
  APICallError,
  EmptyResponseBodyError,
  InvalidResponseDataError,
  JSONParseError,
  LoadAPIKeyError,
  TypeValidationError,
} from "@ai-sdk/provider";
import type { Failure } from "../core/facts/outcome.ts";
import { MassgenError } from "../core/errors.ts";
import { phrases, statusVerdict } from "./failure-phrases.ts";
import { KnownFailure } from "./known-failure.ts";
import { networkFailure } from "./network-failure.ts";
import { overflowNumbers } from "./overflow-numbers.ts";
import { advised, type Remedies, type Told, USUAL_REMEDIES } from "./remedies.ts";
import { waitAskedFor } from "./retry-after.ts";
import { isWebPage, serverSaid, shorten } from "./server-said.ts";

/**
 * What went wrong, as data with a sentence a person understands. The one place where errors of providers and networks become failures.
 * @param error whatever was thrown, or the value of an error part
 * @param where names the model for errors that name no address; an engine's name holds its address and is used instead of it
 * @param now milliseconds since the epoch, for a retry-after given as a date
 * @param remedies what helps there
 */
export function failureOf(error: unknown, where: string, now: number, remedies: Remedies = USUAL_REMEDIES): Failure {
  return advised(diagnosed(error, where, now), remedies);
}

/** The same before it is said what to do. */
export function diagnosed(error: unknown, where: string, now: number): Told {
  if (error instanceof MassgenError) return { kind: "unavailable", message: sentenceOf(error), retryable: false };
  if (error instanceof KnownFailure) return error.told;
  if (APICallError.isInstance(error)) return failureOfCall(APICallError.isInstance(error.cause) ? error.cause : error, where, now);
  const network = networkFailure(error, where);
  if (network !== undefined) return network;
  if (InvalidResponseDataError.isInstance(error) || EmptyResponseBodyError.isInstance(error)) return cutFailure(where);
  if (JSONParseError.isInstance(error)) return unreadable(where, error.text);
  if (TypeValidationError.isInstance(error)) return failureInBody(error.value, where);
  if (LoadAPIKeyError.isInstance(error)) return keyMissing(error, where);
  if (error instanceof Error) return failureOfError(error, where);
  return failureOfWords(error, where);
}

/** A stream that ended before the reply did. */
export function cutFailure(where: string): Failure {
  return { kind: "invalid-reply", message: `The reply of ${where} ended before it was complete.`, retryable: true };
}

/** A package that looked for a key by itself and found none. */
function keyMissing({ message }: LoadAPIKeyError, where: string): Failure {
  const variable = /[A-Z][A-Z0-9_]+(?= environment variable)/u.exec(message)?.[0];
  const remedy = `set ${variable === undefined ? "" : `the variable ${variable}, or `}api_key in the config`;
  return { kind: "auth", message: `There is no key for ${where}: ${remedy}.`, retryable: false };
}

function failureOfCall(error: APICallError, where: string, now: number): Told {
  const origin = addressOf(error.url) ?? where;
  const address = where.includes(origin) ? where : origin;
  const { statusCode } = error;
  if (statusCode === undefined || error.responseBody === undefined) {
    const network = networkFailure(error, address);
    if (network !== undefined) return network;
  }
  if (statusCode === undefined)
    return { kind: "connection", message: `${address} cannot be reached.`, retryable: true, quote: shorten(error.message) };
  if (statusCode >= 300 && statusCode < 400) return redirected(error, address, statusCode);
  if (statusCode < 300) return failureOfOddSuccess(error, address);
  const retryAfterMs = waitAskedFor(error, now);
  return {
    ...classified(error.responseBody ?? error.message, address, statusCode),
    status: statusCode,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** An answer with a good status that is none: an error in disguise, a web page, nothing. */
function failureOfOddSuccess(error: APICallError, address: string): Told {
  const body = error.responseBody ?? "";
  if (body.trim() === "") return { ...cutFailure(address), message: `${address} answered with nothing.` };
  if (isWebPage(body)) {
    const message = `${address} answered with ${serverSaid(body).quote} instead of a reply: does the base URL end in the right path?`;
    return { kind: "not-found", message, retryable: false };
  }
  return failureInBody(body, address);
}

function redirected(error: APICallError, address: string, status: number): Failure {
  const location = error.responseHeaders?.location ?? "";
  const target = location !== "" && URL.canParse(location, error.url) ? new URL(location, error.url).origin : "another address";
  const message = `${address} redirects to ${target}, which is not followed: if that is meant, name it as the base URL.`;
  return { kind: "redirect", message, retryable: false, status };
}

/** Words first, since engines put the same trouble under several statuses; then the status. */
function classified(body: unknown, address: string, status: number): Told {
  const said = serverSaid(body);
  const found = said.status === 402 ? undefined : phrases.find(({ pattern }) => pattern.test(said.full));
  const isPage = isWebPage(said.full);
  const { kind, retryable, verdict, about = isPage ? "web-page" : kind } = found ?? (isPage ? pageVerdict(status) : statusVerdict(status));
  const code = status >= 300 ? ` (${status})` : "";
  return withNumbers({ kind, message: `${address} ${verdict}${code}.`, retryable, quote: said.quote, about }, said.full);
}

/** What refuses with a page for people is something before the server, and no key of ours is what it wants. */
function pageVerdict(status: number): ReturnType<typeof statusVerdict> {
  const known = statusVerdict(status);
  return known.kind === "auth" ? { kind: "unavailable", retryable: false, verdict: "is behind something that lets nobody through" } : known;
}

/** Of a prompt that was too long by itself; of a pool that others filled numbers say nothing about this prompt. */
function withNumbers(told: Told, words: string): Told {
  return told.kind === "context-overflow" && !told.retryable ? { ...told, ...overflowNumbers(words) } : told;
}

/** An error that came as data, with a good status. */
function failureOfWords(error: unknown, where: string): Told {
  const { status } = serverSaid(error);
  return { ...classified(error, where, status ?? 200), ...(status === undefined ? {} : { status }) };
}

/** An error in disguise, or something that is neither an error nor a reply. */
function failureInBody(body: unknown, where: string): Told {
  const { full } = serverSaid(body);
  const isError = /"(?:error|detail|message)"/u.test(full) || phrases.some(({ pattern }) => pattern.test(full));
  return isError ? failureOfWords(body, where) : unreadable(where, full);
}

function failureOfError(error: Error, where: string): Told {
  if (error.name === "AbortError") return { kind: "connection", message: `${where} broke the call off.`, retryable: true };
  if (error.name === "TimeoutError") return { kind: "timeout", message: `${where} did not answer in time.`, retryable: true };
  const found = phrases.find(({ pattern }) => pattern.test(error.message));
  const quote = shorten(error.message);
  if (found === undefined) return { kind: "unavailable", message: `${where} failed.`, retryable: false, quote };
  const { kind, retryable, verdict, about = kind } = found;
  return withNumbers({ kind, message: `${where} ${verdict}.`, retryable, quote, about }, error.message);
}

function unreadable(where: string, text: string): Told {
  return { kind: "invalid-reply", message: `${where} sent something that cannot be read.`, retryable: true, quote: shorten(text, 120) };
}

function sentenceOf(error: MassgenError): string {
  return error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
}

/** Scheme, host and port: what a person recognises, without credentials or query. */
function addressOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined;
}
