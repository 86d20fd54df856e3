import { APICallError, JSONParseError, LoadAPIKeyError, TypeValidationError } from "@ai-sdk/provider";
import { describe, expect, test } from "vitest";
import type { Failure } from "../core/facts/outcome.ts";
import { MassgenError } from "../core/errors.ts";
import { failureOf } from "./failure-of.ts";
import { fetchModel } from "./http/dispatcher.ts";

const now = Date.UTC(2030, 0, 1);
const url = "http://user:pass@127.0.0.1:1234/v1/chat/completions?key=1";

function answered(statusCode: number, body: unknown, responseHeaders: Record<string, string> = {}): APICallError {
  const responseBody = typeof body === "string" ? body : JSON.stringify(body);
  return new APICallError({ message: "Bad", url, requestBodyValues: {}, statusCode, responseBody, responseHeaders });
}
const of = (error: unknown): Failure => failureOf(error, "chatcompletion/m", now);
const message = (text: string): object => ({ error: { message: text, type: "x" } });

type Row = readonly [what: string, status: number, body: unknown, expected: readonly [Failure["kind"], boolean]];

const overflow = ["context-overflow", false] as const;
const rows: readonly Row[] = [
  ["loading", 503, { error: { code: 503, message: "Loading model", type: "unavailable_error" } }, ["loading", true]],
  ["SGLang loading", 503, "", ["overloaded", true]],
  ["wrong path", 404, { detail: "Not Found" }, ["not-found", false]],
  ["wrong model", 404, message("The model `x` does not exist."), ["not-found", false]],
  ["no models loaded", 400, { error: { message: "No models loaded. Please load a model", code: null } }, ["not-found", false]],
  ["several models loaded", 400, message("Multiple models are loaded. Please specify a model"), ["not-found", false]],
  ["model_not_found", 400, { error: { message: "?", code: "model_not_found" } }, ["not-found", false]],
  [
    "n_keep",
    400,
    { error: "The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 13055>= n_ctx: 4096)." },
    overflow,
  ],
  [
    "llama.cpp",
    400,
    { error: { message: "request (5000 tokens) exceeds the available context size (4096 tokens)", type: "exceed_context_size_error" } },
    overflow,
  ],
  ["vLLM", 400, message("This model's maximum context length is 4096 tokens. However, your prompt contains"), overflow],
  ["vLLM max_tokens", 400, message("max_tokens=5000 cannot be greater than max_model_len=4096. (parameter=max_tokens)"), overflow],
  [
    "SGLang input",
    400,
    { object: "error", message: "The input (40000 tokens) is longer than the model's context length (32768 tokens)." },
    overflow,
  ],
  ["SGLang total", 400, { object: "error", message: "Requested token count exceeds the model's maximum context length" }, overflow],
  ["Ollama", 400, { error: "the prompt is longer than the context length currently available" }, overflow],
  ["Ollama without truncation", 400, { error: "the input length exceeds the context length" }, overflow],
  ["old LM Studio", 400, { error: "Trying to keep the first 10136 tokens when context the overflows." }, overflow],
  ["embedded", 500, message("The context shift strategy did not return a history that fits the context size"), overflow],
  ["pool full", 500, message("Context size has been exceeded."), ["context-overflow", true]],
  ["guardrails", 400, { error: "Model loading was stopped due to insufficient system resources." }, ["out-of-memory", false]],
  ["model_load_failed", 500, { error: { type: "model_load_failed", message: "no" } }, ["out-of-memory", false]],
  ["GPU", 500, message("Compute error."), ["out-of-memory", true]],
  ["CUDA", 500, message("CUDA out of memory. Tried to allocate"), ["out-of-memory", true]],
  ["allocation", 500, message("failed to allocate buffer"), ["out-of-memory", true]],
  ["unloaded", 400, { error: "Model unloaded." }, ["unavailable", true]],
  ["crashed", 400, { error: "The model has crashed without additional information. (Exit code: null)" }, ["unavailable", true]],
  ["busy", 503, { error: "server busy, please try again.  maximum pending requests exceeded" }, ["overloaded", true]],
  ["no slot", 503, message("no slot available"), ["overloaded", true]],
  ["rate", 429, message("Too many"), ["rate-limited", true]],
  ["quota", 429, { error: { message: "You exceeded your current quota", code: "insufficient_quota" } }, ["rate-limited", false]],
  ["payment", 402, message("Pay"), ["rate-limited", false]],
  ["bad request", 400, message("max_tokens must be at least 1, got 0."), ["bad-request", false]],
  ["validation", 422, { detail: [{ loc: ["body"], msg: "field required" }] }, ["bad-request", false]],
  ["template", 500, { error: "Error rendering prompt with jinja template: no" }, ["bad-request", false]],
  ["arguments in the history", 500, message("Failed to parse tool call arguments as JSON"), ["bad-request", false]],
  [
    "parser of a template",
    500,
    message("The model produced output that does not match the expected peg-native format"),
    ["invalid-reply", true],
  ],
  ["auth", 401, { error: "Unauthorized" }, ["auth", false]],
  ["forbidden", 403, "", ["auth", false]],
  ["request timeout", 408, "", ["timeout", true]],
  ["server", 500, "<html><head><title>502 Bad Gateway</title></head></html>", ["server-error", true]],
  ["gateway", 502, "", ["server-error", true]],
  ["overloaded", 529, "", ["overloaded", true]],
  ["not implemented", 501, message("This server does not support tools"), ["bad-request", false]],
  ["expired", 400, message("API key expired. Please renew the API key."), ["auth", false]],
  [
    "xAI's wrong key",
    400,
    { code: "Client specified an invalid argument", error: "Incorrect API key provided: xx***yy." },
    ["auth", false],
  ],
  [
    "Z AI without credit",
    429,
    { error: { code: "1113", message: "Insufficient balance or no resource package. Please recharge." } },
    ["rate-limited", false],
  ],
  [
    "Moonshot without credit",
    429,
    { error: { type: "exceeded_current_quota_error", message: "Your account is suspended" } },
    ["rate-limited", false],
  ],
  ["xAI without credit", 403, message("Your team has either used all available credits or reached its limit."), ["rate-limited", false]],
  ["DeepSeek's unknown model", 400, message("Model Not Exist"), ["not-found", false]],
  ["Z AI's unknown model", 400, { error: { code: "1211", message: "Unknown Model, please check the model code." } }, ["not-found", false]],
  ["OpenRouter's unknown model", 400, message("nope/x is not a valid model ID"), ["not-found", false]],
  ["Mistral's unknown model", 400, { message: "Invalid model: x", type: "invalid_model" }, ["not-found", false]],
  ["xAI's policy", 403, message("Content violates usage guidelines."), ["content-filter", false]],
  ["Moonshot's policy", 400, message("The request was rejected because it was considered high risk"), ["content-filter", false]],
  ["image", 400, message("messages.0.content.1.image: image exceeds 5 MB maximum"), ["bad-request", false]],
  ["large", 413, "", ["bad-request", false]],
  ["filter", 400, { error: { message: "The response was filtered", code: "content_filter" } }, ["content-filter", false]],
];

test.each(rows)("%s: status %i", (_what, status, body, [kind, retryable]) => {
  const failure = of(answered(status, body));
  expect(failure).toMatchObject({ kind, retryable, status });
  expect(failure.message).toMatch(/^http:\/\/127\.0\.0\.1:1234 /u);
  expect(failure.message).toContain(`(${status})`);
});

describe("the sentence", () => {
  test.each<[unknown, string]>([
    [{ error: "text" }, "text"],
    [{ error: { message: "object" } }, "object"],
    [{ object: "error", message: "flat" }, "flat"],
    [{ detail: "FastAPI" }, "FastAPI"],
    [{ detail: [{ msg: "one thing" }] }, "one thing"],
    [{ error: { error: { message: "wrapped" } } }, "wrapped"],
    ["just words\nover two lines", "just words over two lines"],
    ["<!DOCTYPE html><title> Hotel </title><body>…", 'a web page titled "Hotel"'],
    ["<html></html>", "a web page"],
  ])("quotes %j", (body, quote) => {
    expect(of(answered(500, body)).message).toBe(`http://127.0.0.1:1234 failed (500): ${quote}`);
  });

  test("keeps the credentials of an address to itself", () => {
    expect(of(new TypeError("cannot use http://user:pass@host/v1")).message).toBe("chatcompletion/m failed: cannot use http://host/v1");
  });

  test("is bounded", () => {
    expect(of(answered(500, "🦩".repeat(5000))).message.length).toBeLessThan(400);
  });
});

describe("retry-after", () => {
  test.each<[Record<string, string>, number | undefined]>([
    [{ "retry-after": "7" }, 7000],
    [{ "retry-after": "0.5" }, 500],
    [{ "retry-after-ms": "250", "retry-after": "7" }, 250],
    [{ "retry-after": new Date(now + 90_000).toUTCString() }, 90_000],
    [{ "retry-after": new Date(now - 90_000).toUTCString() }, 0],
    [{ "retry-after": "-5" }, undefined],
    [{ "retry-after": "NaN" }, undefined],
    [{ "retry-after": "" }, undefined],
    [{ "retry-after": "Infinity" }, undefined],
    [{ "retry-after": "soon" }, undefined],
    [{}, undefined],
  ])("%j", (headers, expected) => {
    expect(of(answered(429, "", headers)).retryAfterMs).toBe(expected);
  });
});

test("a server that loads its model is given time, or as much as it asks for", () => {
  const loading = { error: { code: 503, message: "Loading model", type: "unavailable_error" } };
  expect(of(answered(503, loading)).retryAfterMs).toBeUndefined();
  expect(of(answered(503, loading, { "retry-after": "2" })).retryAfterMs).toBe(2_000);
});

test("what is neither a reply nor an error is shown, in short", () => {
  for (const body of ["{}", "[]", '{"ok":true}']) {
    expect(of(answered(200, body))).toMatchObject({
      kind: "invalid-reply",
      message: `http://127.0.0.1:1234 sent something that cannot be read: ${body}`,
    });
  }
  expect(of(answered(200, { data: "x".repeat(5_000_000) })).message.length).toBeLessThan(250);
});

test("a redirect names both hosts", () => {
  const failure = of(answered(308, "", { location: "https://api.example.com/v1" }));
  expect(failure).toMatchObject({ kind: "redirect", retryable: false, status: 308 });
  expect(failure.message).toContain("http://127.0.0.1:1234 redirects to https://api.example.com");
  expect(of(answered(302, "")).message).toContain("another address");
});

describe("errors of the network", () => {
  test("a port that fetch refuses", async () => {
    const refused = await fetchModel("http://127.0.0.1:6000/v1/models").catch((error: unknown) => error);
    expect(failureOf(refused, "vLLM at http://127.0.0.1:6000", 0)).toMatchObject({
      kind: "connection",
      retryable: false,
      message: expect.stringContaining("has a port that HTTP clients refuse") as string,
    });
  });

  const coded = (code: string): Error => Object.assign(new Error(code), { code });
  test.each<[string, Failure["kind"], boolean]>([
    ["ECONNREFUSED", "not-running", true],
    ["ECONNRESET", "connection", true],
    ["UND_ERR_SOCKET", "connection", true],
    ["UND_ERR_CONNECT_TIMEOUT", "connection", true],
    ["UND_ERR_HEADERS_TIMEOUT", "timeout", true],
    ["UND_ERR_BODY_TIMEOUT", "timeout", true],
    ["EAI_AGAIN", "connection", true],
    ["ENOTFOUND", "connection", false],
    ["SELF_SIGNED_CERT_IN_CHAIN", "connection", false],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "connection", false],
    ["Z_DATA_ERROR", "invalid-reply", false],
  ])("%s", (code, kind, retryable) => {
    const calls = [
      new APICallError({ message: "Cannot connect to API", url, requestBodyValues: {}, cause: coded(code) }),
      new APICallError({
        message: "Failed",
        url,
        requestBodyValues: {},
        statusCode: 200,
        cause: new TypeError("terminated", { cause: coded(code) }),
      }),
    ];
    for (const error of calls) {
      expect(of(error)).toMatchObject({ kind, retryable, message: expect.stringContaining("http://127.0.0.1:1234") as string });
    }
    expect(of(new TypeError("fetch failed", { cause: new AggregateError([coded(code)]) }))).toMatchObject({ kind, retryable });
  });

  test("a port where something else than HTTP is spoken", () => {
    const cause = Object.assign(new Error("Response does not match the HTTP/1.1 protocol"), { name: "HTTPParserError", code: undefined });
    const error = new APICallError({
      message: "Cannot connect to API",
      url,
      requestBodyValues: {},
      cause: new TypeError("fetch failed", { cause }),
    });
    expect(of(error)).toMatchObject({ retryable: false, message: "http://127.0.0.1:1234 does not speak HTTP: is the port right?" });
  });

  test("a connection that failed for another reason", () => {
    expect(of(new APICallError({ message: "odd", url: "nowhere", requestBodyValues: {} }))).toMatchObject({
      kind: "connection",
      message: "chatcompletion/m cannot be reached: odd",
    });
  });
});

describe("whatever else is thrown", () => {
  const broken = { text: '{"choi', cause: new Error("x") };
  test.each<[string, unknown, Failure["kind"], boolean]>([
    ["an abort that is not ours", new DOMException("stop", "AbortError"), "connection", true],
    ["a timeout that is not ours", new DOMException("late", "TimeoutError"), "timeout", true],
    ["broken JSON", new JSONParseError(broken), "invalid-reply", true],
    ["an odd value", new TypeValidationError({ value: [1], cause: new Error("x") }), "invalid-reply", true],
    [
      "an error as an odd value",
      new TypeValidationError({ value: { error: "Compute error." }, cause: new Error("x") }),
      "out-of-memory",
      true,
    ],
    ["a text", "Model is unloaded.", "unavailable", true],
    ["an object", { message: "no", code: 401 }, "auth", false],
    ["an engine's error", new Error("Context size has been exceeded."), "context-overflow", true],
    ["a bug", new TypeError("x is not a function"), "unavailable", false],
    ["trouble a person can fix", new MassgenError("model-file", "The file is gone.", { hint: "Pull it again." }), "unavailable", false],
    ["nothing", undefined, "server-error", true],
  ])("%s", (_what, error, kind, retryable) => {
    const failure = of(error);
    expect(failure).toMatchObject({ kind, retryable });
    expect(failure.message).toMatch(/^\S.+[.:…\w)}\]"]$/u);
  });
});

test.each([
  [
    "Mistral API key is missing. Pass it using the 'apiKey' parameter or the MISTRAL_API_KEY environment variable.",
    "There is no key for chatcompletion/m: set the variable MISTRAL_API_KEY, or api_key in the config.",
  ],
  ["No key.", "There is no key for chatcompletion/m: set api_key in the config."],
])("a package without its key says where to put it: %s", (told, sentence) => {
  expect(of(new LoadAPIKeyError({ message: told }))).toEqual({ kind: "auth", message: sentence, retryable: false });
});

test.each([
  [
    "llama.cpp without a projector",
    500,
    "image input is not supported - hint: you may need to provide the mmproj",
    /takes no images with this model/u,
  ],
  ["vLLM", 400, "qwen is not a multimodal model", /takes no images with this model/u],
  ["Ollama", 400, "this model does not support image input", /takes no images with this model .*accepts: \[\]/u],
  ["llama.cpp and WebP", 400, "Failed to load image or audio file", /cannot read an image \(400\); save it as PNG or JPEG/u],
  [
    "Anthropic",
    400,
    "messages.0.content.0.image.source.base64: image exceeds 5 MB maximum: 6000000 bytes",
    /finds a file too large \(400\); scale the images down/u,
  ],
  ["a proxy", 413, "", /finds the request too large \(413\)/u],
])("files that a server does not take, by %s", (_who, status, words, sentence) => {
  const failure = of(answered(status, message(words)));
  expect(failure).toMatchObject({ kind: "bad-request", retryable: false });
  expect(failure.message).toMatch(sentence);
});
