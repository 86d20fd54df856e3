import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ContextOverflowError } from "./fit-context.ts";
import { failureOf } from "./failure-of.ts";
import { APICallError } from "@ai-sdk/provider";

const url = "http://127.0.0.1:1234/v1/chat/completions";

function refused(body: string): ReturnType<typeof failureOf> {
  return failureOf(new APICallError({ message: "Bad", url, requestBodyValues: {}, statusCode: 400, responseBody: body }), "m", 0);
}
const words = (message: string): string => JSON.stringify({ error: { message } });

/** `[prompt, context]` in tokens. */
type Numbers = readonly [number | undefined, number | undefined];

const expected = ([promptTokens, contextTokens]: Numbers): object => ({
  ...(promptTokens === undefined ? {} : { promptTokens }),
  ...(contextTokens === undefined ? {} : { contextTokens }),
});

describe("what an engine says of a prompt that was too long", () => {
  test.each<[string, string, Numbers]>([
    [
      "llama.cpp",
      '{"error":{"code":400,"message":"request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}}',
      [5000, 4096],
    ],
    [
      "llama.cpp, its words alone",
      words("request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it"),
      [5000, 4096],
    ],
    [
      "LM Studio",
      '{"error":"The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 13055>= n_ctx: 4096). Try to load the model with a larger context length, or provide a shorter input."}',
      [13_055, 4096],
    ],
    [
      "older LM Studio",
      '{"error":"Trying to keep the first 10136 tokens when context the overflows. However, the model is loaded with context length of only 7866 tokens, which is not enough."}',
      [10_136, 7866],
    ],
    [
      "vLLM",
      words(
        "This model's maximum context length is 16384 tokens. However, you requested 8192 output tokens and your prompt contains at least 8193 input tokens, for a total of at least 16385 tokens.",
      ),
      [8193, 16_384],
    ],
    [
      "vLLM 0.32",
      words(
        "This model's maximum context length is 4096 tokens. However, your prompt contains at least 4097 input tokens, which exceeds this limit even without any output tokens.",
      ),
      [4097, 4096],
    ],
    ["vLLM, of the output", words("max_tokens=5000 cannot be greater than max_model_len=4096."), [undefined, 4096]],
    [
      "SGLang",
      '{"object":"error","message":"The input (40000 tokens) is longer than the model\'s context length (32768 tokens).","code":400}',
      [40_000, 32_768],
    ],
    [
      "SGLang, with the output",
      '{"object":"error","message":"Requested token count exceeds the model\'s maximum context length of 32768 tokens. You requested a total of 40000 tokens: 36000 tokens from the input messages and 4000 tokens for the completion."}',
      [36_000, 32_768],
    ],
    [
      "OpenAI",
      words("This model's maximum context length is 4,097 tokens. However, your messages resulted in 5,360 tokens."),
      [5360, 4097],
    ],
    [
      "OpenAI, with the output",
      words(
        "This model's maximum context length is 4097 tokens. However, you requested 5360 tokens (1360 in the messages, 4000 in the completion).",
      ),
      [1360, 4097],
    ],
    ["Anthropic", words("prompt is too long: 210000 tokens > 200000 maximum"), [210_000, 200_000]],
  ])("%s", (_engine, body, numbers) => {
    expect(refused(body)).toMatchObject({ kind: "context-overflow", retryable: false, overflow: expected(numbers) });
  });

  test.each([
    "the input length exceeds the context length",
    "the prompt is longer than the context length currently available to the model",
  ])("no number: %s", (text) => {
    const failure = refused(JSON.stringify({ error: text }));
    expect(failure.kind).toBe("context-overflow");
    expect(failure).not.toHaveProperty("overflow");
  });

  test("a pool that others filled says nothing of this prompt", () => {
    const failure = refused(words("Context size has been exceeded. n_ctx: 4096"));
    expect(failure).toMatchObject({ kind: "context-overflow", retryable: true });
    expect(failure).not.toHaveProperty("overflow");
  });

  test("a prompt that was counted before it was sent", () => {
    expect(failureOf(new ContextOverflowError(5000, 4096), "m", 0)).toMatchObject({
      kind: "context-overflow",
      overflow: { promptTokens: 5000, contextTokens: 4096 },
    });
  });
});

const recordings = new URL("../../../shared/fixtures/engines/", import.meta.url);

describe.skipIf(!existsSync(recordings))("recorded on real engines", () => {
  test.each<[string, Numbers]>([
    ["llamacpp/context_overflow", [9720, 2048]],
    ["llamacpp/context_overflow_stream", [9720, 2048]],
    ["vllm/context_overflow", [4097, 4096]],
    ["vllm/context_overflow_stream", [4097, 4096]],
    ["vllm/context_overflow_no_max_tokens", [4097, 4096]],
    ["ollama/overflow_truncate_false", [undefined, undefined]],
    ["ollama/overflow_shift_false", [undefined, undefined]],
  ])("%s", (name, numbers) => {
    const recorded = readFileSync(new URL(`${name}.response.txt`, recordings), "utf8");
    const body = recorded.split("\n\n")[1]?.split("\n")[0] ?? "";
    const failure = refused(body);
    expect(failure.kind).toBe("context-overflow");
    expect(failure.overflow ?? {}).toEqual(expected(numbers));
  });
});
