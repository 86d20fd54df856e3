import type { Failure } from "../core/facts/outcome.ts";
import type { Trouble } from "./remedies.ts";

/** What the words of an engine mean, whatever status they came with; the first that matches holds. */
interface Phrase {
  readonly pattern: RegExp;
  readonly kind: Failure["kind"];
  readonly retryable: boolean;
  /** What happened, as the rest of a sentence that begins with the address. */
  readonly verdict: string;
  /** What helps is the same for several kinds. */
  readonly about?: Trouble;
}

const anyOf = (...phrases: readonly string[]): RegExp =>
  new RegExp(phrases.map((phrase) => phrase.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`)).join("|"), "iu");

export const phrases: readonly Phrase[] = [
  {
    // Other requests filled the pool that the slots share: the same prompt fits once they have ended.
    pattern: anyOf("Context size has been exceeded"),
    kind: "context-overflow",
    retryable: true,
    verdict: "ran out of context for all that was running at once",
  },
  {
    pattern: new RegExp(
      [
        anyOf(
          "greater than the context length",
          "exceeds the available context size",
          "exceed_context_size_error",
          "maximum context length",
          "longer than the model's context length",
          "Requested token count exceeds",
          "prompt is longer than the context length",
          "input length exceeds the context length",
          "Trying to keep the first",
          "did not return a history that fits",
          "context_length_exceeded",
          "prompt is too long",
          "input token count exceeds",
          "exceeds the maximum number of tokens allowed",
          "exceeds the maximum allowed length",
          "exceed context limit",
        ).source,
        "max(?:_completion|_output)?_tokens\\s*=?\\s*\\S* cannot be greater than max_model_len",
        "context (?:window|size) .{0,40}exceeded",
      ].join("|"),
      "iu",
    ),
    kind: "context-overflow",
    retryable: false,
    verdict: "cannot hold the prompt",
  },
  {
    pattern: anyOf("insufficient system resources", "InsufficientMemoryError"),
    kind: "out-of-memory",
    retryable: false,
    verdict: "has not enough memory for the model",
  },
  {
    pattern: anyOf("Compute error", "resource limitations", "CUDA out of memory", "out of memory", "failed to allocate"),
    kind: "out-of-memory",
    retryable: true,
    verdict: "ran out of memory",
  },
  {
    pattern: anyOf("Error loading model", "Failed to load model"),
    kind: "unavailable",
    retryable: false,
    verdict: "could not load the model",
  },
  {
    pattern: anyOf("model_load_failed"),
    kind: "out-of-memory",
    retryable: false,
    verdict: "has not enough memory for the model",
  },
  {
    pattern: anyOf(
      "Model unloaded",
      "Model is unloaded",
      "Error in iterating prediction stream",
      "has crashed without additional information",
      "model runner has unexpectedly stopped",
    ),
    kind: "unavailable",
    retryable: true,
    verdict: "lost the model while it was answering",
  },
  {
    pattern: anyOf("EngineCore encountered an issue", "EngineDeadError"),
    kind: "unavailable",
    retryable: true,
    verdict: "lost the engine behind it and has to be started again",
  },
  {
    pattern: anyOf("--tool-call-parser", "tools param requires --jinja"),
    kind: "bad-request",
    retryable: false,
    verdict: "was started without what it needs to call tools",
    about: "tools",
  },
  {
    pattern: anyOf("does not support tools"),
    kind: "bad-request",
    retryable: false,
    verdict: "has no tools with this model",
    about: "tools",
  },
  {
    pattern:
      /model produced output that does not match|failed to parse (?:input at pos|(?:the )?(?:model )?output)|does not match the expected .{0,40}format/iu,
    kind: "invalid-reply",
    retryable: true,
    verdict: "could not read what its own model wrote",
  },
  {
    pattern: /api.?key (?:has |is )?expired|expired api.?key|key has expired/iu,
    kind: "auth",
    retryable: false,
    verdict: "says that the API key has expired",
  },
  {
    // xAI and Google answer so with 400.
    pattern: anyOf("Incorrect API key", "invalid_api_key", "API key not valid"),
    kind: "auth",
    retryable: false,
    verdict: "does not accept the API key",
  },
  {
    pattern: /"quotaId"\s*:\s*"[^"]*PerDay/u,
    kind: "rate-limited",
    retryable: false,
    verdict: "says that what may be asked in a day is used up",
  },
  {
    // Google says so of every limit, and with it when to come back.
    pattern: /"retryDelay"\s*:/u,
    kind: "rate-limited",
    retryable: true,
    verdict: "limits how often it may be asked",
  },
  {
    pattern: anyOf(
      "insufficient_quota",
      "exceeded_current_quota",
      "insufficient balance",
      "used all available credits",
      "requires more credits",
      "exceeded your current quota",
      "billing_hard_limit",
      "insufficient credits",
      "credit balance is too low",
    ),
    kind: "rate-limited",
    retryable: false,
    verdict: "says that the account has no credit left",
  },
  {
    pattern: anyOf("Unexpected endpoint or method"),
    kind: "not-found",
    retryable: false,
    verdict: "has no such model or path",
    about: "path",
  },
  {
    pattern: anyOf(
      "No models loaded",
      "Multiple models are loaded",
      "model_not_found",
      "model_not_available",
      "Model Not Exist",
      "Unknown Model",
      "is not a valid model ID",
      "invalid_model",
      "file does not exist",
    ),
    kind: "not-found",
    retryable: false,
    verdict: "has no such model or path",
  },
  {
    pattern: anyOf(
      "Error rendering prompt with jinja template",
      "Failed to parse tool call arguments as JSON",
      "invalid tool call arguments",
    ),
    kind: "bad-request",
    retryable: false,
    verdict: "cannot use this conversation",
  },
  {
    pattern: anyOf("Loading model", "unavailable_error"),
    kind: "loading",
    retryable: true,
    verdict: "is still loading the model",
  },
  {
    pattern: anyOf("server busy", "no slot available", "overloaded_error", "maximum pending requests exceeded"),
    kind: "overloaded",
    retryable: true,
    verdict: "is too busy",
  },
  {
    pattern:
      /image (?:input )?(?:is |are )?not supported|not support(?:ed)? image|does not support (?:image|vision|multimodal)|not a multimodal model|at most 0 image|missing data required for image/iu,
    kind: "bad-request",
    retryable: false,
    verdict: "takes no images with this model",
    about: "images",
  },
  {
    pattern:
      /image(?:_file)?_too_large|image (?:is )?too large|image (?:size )?exceeds|image dimensions exceed|exceeds \d+ ?mb maximum|request_too_large|request entity too large|(?:pdf|file|document) (?:is )?too large/iu,
    kind: "bad-request",
    retryable: false,
    verdict: "finds a file too large",
    about: "too-large",
  },
  {
    pattern:
      /(?:failed|unable|could not|cannot) (?:to )?(?:load|decode|process|identify) (?:the )?image|unsupported image|invalid image|could not process image|image.{0,40}(?:base64 encoded|not valid)/iu,
    kind: "bad-request",
    retryable: false,
    verdict: "cannot read an image",
    about: "image-type",
  },
  {
    pattern: anyOf(
      "content_filter",
      "content_policy",
      "content management policy",
      "content filtering policy",
      "violating our usage policy",
      "violates usage guidelines",
      "potentially unsafe or sensitive content",
      "considered high risk",
    ),
    kind: "content-filter",
    retryable: false,
    verdict: "refused for its content policy",
  },
];

/** What an HTTP status means where the words say nothing. */
export function statusVerdict(status: number): Omit<Phrase, "pattern"> {
  const known = statuses[status];
  if (known !== undefined) return known;
  if (status >= 500) return { kind: "server-error", retryable: true, verdict: "failed" };
  if (status >= 400) return { kind: "bad-request", retryable: false, verdict: "refused the request" };
  return { kind: "server-error", retryable: true, verdict: "answered with an error" };
}

const statuses: Readonly<Record<number, Omit<Phrase, "pattern">>> = {
  401: { kind: "auth", retryable: false, verdict: "does not accept the API key" },
  402: { kind: "rate-limited", retryable: false, verdict: "says that the account has no credit left" },
  403: { kind: "auth", retryable: false, verdict: "does not allow this with the API key" },
  404: { kind: "not-found", retryable: false, verdict: "has no such model or path", about: "path" },
  408: { kind: "timeout", retryable: true, verdict: "gave up waiting" },
  413: { kind: "bad-request", retryable: false, verdict: "finds the request too large", about: "too-large" },
  429: { kind: "rate-limited", retryable: true, verdict: "limits how often it may be asked" },
  501: { kind: "bad-request", retryable: false, verdict: "does not support this request" },
  503: { kind: "overloaded", retryable: true, verdict: "is not ready" },
  529: { kind: "overloaded", retryable: true, verdict: "is too busy" },
};
