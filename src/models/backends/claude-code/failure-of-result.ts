import type { SDKAssistantMessageError, SDKResultMessage } from "@anthropic-ai/claude-agent-sdk";
import type { Failure } from "../../../core/facts/outcome.ts";
import { KnownFailure } from "../../known-failure.ts";
import { overflowNumbers } from "../../overflow-numbers.ts";
import { shorten } from "../../server-said.ts";

/** What the program says of a request that failed, when it says it. */
type Word = SDKAssistantMessageError | undefined;

interface Verdict {
  readonly kind: Failure["kind"];
  readonly retryable: boolean;
  /** The rest of a sentence that begins with the program's name. */
  readonly verdict: string;
}

const NAME = "Claude Code";

const verdicts: Readonly<Record<SDKAssistantMessageError, Verdict>> = {
  authentication_failed: { kind: "auth", retryable: false, verdict: "is told that the API key is not accepted" },
  oauth_org_not_allowed: { kind: "auth", retryable: false, verdict: "may not be used with this account" },
  billing_error: { kind: "rate-limited", retryable: false, verdict: "is told that the account has no credit left" },
  rate_limit: { kind: "rate-limited", retryable: true, verdict: "is told to ask less often" },
  overloaded: { kind: "overloaded", retryable: true, verdict: "is told that the API is too busy" },
  model_not_found: { kind: "not-found", retryable: false, verdict: "has no such model" },
  invalid_request: { kind: "bad-request", retryable: false, verdict: "is told that the request cannot be used" },
  server_error: { kind: "server-error", retryable: true, verdict: "is told that the API failed" },
  max_output_tokens: { kind: "invalid-reply", retryable: true, verdict: "wrote more than it may at once" },
  unknown: { kind: "server-error", retryable: true, verdict: "failed" },
};

const NOT_LOGGED_IN: Verdict = {
  kind: "auth",
  retryable: false,
  verdict: "is not logged in: set ANTHROPIC_API_KEY, or api_key in the config, or log in by typing claude",
};
const REFUSED: Verdict = { kind: "content-filter", retryable: false, verdict: "refused for its content policy" };
const TOO_LONG: Verdict = { kind: "context-overflow", retryable: false, verdict: "cannot hold the prompt" };
const LOST: Verdict = { kind: "connection", retryable: true, verdict: "lost the connection to the API" };
const NO_TURNS: Verdict = { kind: "invalid-reply", retryable: false, verdict: "used up its turns (max_turns) before it had an answer" };
const NO_BALLOT: Verdict = { kind: "invalid-reply", retryable: true, verdict: "did not fill in what it was asked for" };

/** Why a call ended without an answer; undefined where it did not. `word` is what the last reply of the call was marked with. */
export function failureOfResult(result: SDKResultMessage, word: Word): KnownFailure | undefined {
  if (!result.is_error && result.subtype === "success") return undefined;
  const said = result.subtype === "success" ? result.result : result.errors.join(" ");
  const status = result.subtype === "success" ? (result.api_error_status ?? undefined) : undefined;
  const found = verdictOf(result, word, { said, status });
  // The program's own advice is about a program with a terminal.
  const quote = found === NOT_LOGGED_IN || found === NO_TURNS ? "" : shorten(said);
  return new KnownFailure({
    kind: found.kind,
    retryable: found.retryable,
    message: `${NAME} ${found.verdict}${status === undefined ? "" : ` (${status})`}.`,
    ...(quote !== "" && { quote }),
    ...(status !== undefined && { status }),
    ...(found === TOO_LONG ? overflowNumbers(said) : {}),
  });
}

function verdictOf(
  result: SDKResultMessage,
  word: Word,
  { said, status }: { readonly said: string; readonly status: number | undefined },
): Verdict {
  if (result.subtype === "error_max_turns") return NO_TURNS;
  if (result.subtype === "error_max_structured_output_retries") return NO_BALLOT;
  if (result.stop_reason === "refusal") return REFUSED;
  if (result.terminal_reason === "prompt_too_long") return TOO_LONG;
  if (status === 529 || status === 503) return verdicts.overloaded;
  if (/\bnot logged in\b/iu.test(said)) return NOT_LOGGED_IN;
  if (/\b(?:connection|ECONN\w+|unable to connect)\b/iu.test(said)) return LOST;
  return verdicts[word ?? "unknown"];
}

/** The program ended before it had said how its call ended. `complaint` is the end of what it wrote to stderr. */
export function crashed(error: unknown, complaint: string): KnownFailure {
  const cause = error instanceof Error ? error : new Error(String(error));
  const last = complaint
    .split("\n")
    .map((line) => line.trim())
    .findLast((line) => /^(?:error|\S*Error)\b/iu.test(line));
  const quote = shorten(last ?? cause.message);
  return new KnownFailure({ kind: "unavailable", retryable: true, message: `${NAME} ended in the middle of its work.`, quote }, { cause });
}
