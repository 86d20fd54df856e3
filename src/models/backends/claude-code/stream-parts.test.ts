import type { SDKMessage } from "@anthropic-ai/claude-agent-sdk";
import { describe, expect, test } from "vitest";
import { KnownFailure } from "../../known-failure.ts";
import { crashed } from "./failure-of-result.ts";
import { createStreamParts } from "./stream-parts.ts";

/** What the program says, as far as it is looked at. */
const message = (fields: object): SDKMessage => ({ parent_tool_use_id: null, ...fields }) as unknown as SDKMessage;
const streamed = (event: object, more: object = {}): SDKMessage => message({ type: "stream_event", event, ...more });
const text = (index: number, ...pieces: readonly string[]): readonly SDKMessage[] => [
  streamed({ type: "content_block_start", index, content_block: { type: "text", text: "" } }),
  ...pieces.map((piece) => streamed({ type: "content_block_delta", index, delta: { type: "text_delta", text: piece } })),
  streamed({ type: "content_block_stop", index }),
];
const start = (input: number): SDKMessage =>
  streamed({ type: "message_start", message: { usage: { input_tokens: input, cache_creation_input_tokens: 1 } } });
const stop = (reason: string): SDKMessage =>
  streamed({ type: "message_delta", delta: { stop_reason: reason }, usage: { output_tokens: 3 } });
const said = (content: readonly object[], error?: string): SDKMessage => message({ type: "assistant", message: { content }, error });
const result = (fields: object): SDKMessage =>
  message({
    type: "result",
    subtype: "success",
    is_error: false,
    stop_reason: "end_turn",
    result: "",
    modelUsage: {
      big: { inputTokens: 10, cacheCreationInputTokens: 5, cacheReadInputTokens: 900, outputTokens: 7 },
      small: { inputTokens: 1, cacheCreationInputTokens: 0, cacheReadInputTokens: 0, outputTokens: 2 },
    },
    ...fields,
  });

function parts(messages: readonly SDKMessage[], isBallot = false) {
  const taking = createStreamParts(isBallot);
  return messages.flatMap((each) => taking.take(each));
}

function failure(fields: object, word?: string) {
  const [last] = parts([said([{ type: "text", text: "API Error" }], word), result(fields)]).slice(-1);
  if (last?.type !== "error" || !(last.error instanceof KnownFailure)) throw new Error(`no failure but ${last?.type}`);
  return last.error.told;
}

describe("a reply", () => {
  test("streams its text and its thinking, and counts what all requests read anew", () => {
    const thinking = [
      streamed({ type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "" } }),
      streamed({ type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "Hm." } }),
      streamed({ type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: "x" } }),
      streamed({ type: "content_block_stop", index: 0 }),
    ];
    expect(parts([...thinking, ...text(1, "Hel", "lo"), stop("end_turn"), result({})])).toEqual([
      { type: "reasoning-start", id: "reasoning-1" },
      { type: "reasoning-delta", id: "reasoning-1", delta: "Hm." },
      { type: "reasoning-end", id: "reasoning-1" },
      { type: "text-start", id: "text-2" },
      { type: "text-delta", id: "text-2", delta: "Hel" },
      { type: "text-delta", id: "text-2", delta: "lo" },
      { type: "text-end", id: "text-2" },
      {
        type: "finish",
        finishReason: { unified: "stop", raw: "end_turn" },
        usage: {
          inputTokens: { total: 16, noCache: 11, cacheRead: undefined, cacheWrite: 5 },
          outputTokens: { total: 9, text: undefined, reasoning: undefined },
        },
      },
    ]);
  });

  test("marks what was said on the way to a tool, and tells what the tool did (BE-6)", () => {
    const done = parts([
      ...text(0, "I look first."),
      said([{ type: "tool_use", id: "t1", name: "Read", input: { file_path: "a" } }]),
      stop("tool_use"),
      message({
        type: "user",
        message: { content: [{ type: "tool_result", tool_use_id: "t1", content: [{ type: "text", text: "one" }, { type: "image" }] }] },
      }),
      message({
        type: "user",
        message: {
          content: [
            { type: "tool_result", tool_use_id: "t1", is_error: true },
            { type: "tool_result", tool_use_id: "?" },
          ],
        },
      }),
      message({ type: "user", message: { content: "plain" } }),
    ]);
    expect(done).toContainEqual({ type: "text-end", id: "text-1", providerMetadata: { massgen: { aside: true } } });
    expect(done).toContainEqual({
      type: "tool-call",
      toolCallId: "t1",
      toolName: "Read",
      input: '{"file_path":"a"}',
      providerExecuted: true,
    });
    expect(done.filter(({ type }) => type === "tool-result")).toEqual([
      { type: "tool-result", toolCallId: "t1", toolName: "Read", result: "one\n[image]" },
      { type: "tool-result", toolCallId: "t1", toolName: "Read", result: "", isError: true },
    ]);
  });

  test("ends with a call of a tool of ours, which is not for the program to do", () => {
    const done = parts([
      start(10),
      stop("tool_use"),
      start(20),
      ...text(0, "I ask."),
      said([{ type: "tool_use", id: "t1", name: "mcp__massgen__look_up", input: { word: "a" } }]),
      said([{ type: "tool_use", id: "t2", name: "mcp__massgen__look_up", input: { word: "b" } }]),
      stop("tool_use"),
    ]);
    expect(done.slice(-4)).toMatchObject([
      { type: "text-end", id: "text-1" },
      { type: "tool-call", toolCallId: "t1", toolName: "look_up", input: '{"word":"a"}' },
      { type: "tool-call", toolCallId: "t2", toolName: "look_up" },
      { type: "finish", finishReason: { unified: "tool-calls" }, usage: { inputTokens: { total: 32 }, outputTokens: { total: 6 } } },
    ]);
    expect(JSON.stringify(done)).not.toMatch(/providerExecuted|aside/u);
  });

  test("keeps what its helpers say to itself, and shows that the program is alive", () => {
    expect(
      parts([
        streamed({ type: "content_block_start", content_block: { type: "text" } }, { parent_tool_use_id: "t" }),
        message({ type: "system" }),
      ]),
    ).toEqual([
      { type: "raw", rawValue: {} },
      { type: "raw", rawValue: {} },
    ]);
  });

  test("that was cut by its own limit is cut and no failure", () => {
    const cut = parts([
      ...text(0, "So f"),
      said([], "max_output_tokens"),
      result({ is_error: true, result: "exceeded the 300 output token maximum" }),
    ]);
    expect(cut.at(-1)).toMatchObject({ type: "finish", finishReason: { unified: "length" } });
  });
});

describe("a ballot", () => {
  const filled = { type: "tool_use", id: "s", name: "StructuredOutput", input: { choice: "A" } };
  test("comes whole, once, as what was filled in (BE-12 d)", () => {
    expect(parts([...text(0, "Let me see."), said([filled]), result({ structured_output: { choice: "A" } })], true)).toMatchObject([
      { type: "text-start" },
      { type: "text-delta", delta: '{"choice":"A"}' },
      { type: "text-end" },
      { type: "finish" },
    ]);
  });

  test("that was not filled in is what was said", () => {
    expect(parts([result({ result: "I like A." })], true)).toMatchObject([{}, { delta: "I like A." }, {}, {}]);
    expect(failureOfBallot()).toMatchObject({ kind: "invalid-reply", retryable: true });
  });

  function failureOfBallot() {
    return failure({ subtype: "error_max_structured_output_retries", is_error: true, errors: ["gave up"] });
  }
});

describe("trouble", () => {
  test.each([
    [
      "rate_limit",
      { api_error_status: 429, result: "API Error: Request rejected (429) · slow down" },
      { kind: "rate-limited", retryable: true, status: 429 },
    ],
    ["billing_error", { api_error_status: 400, result: "Credit balance is too low" }, { kind: "rate-limited", retryable: false }],
    ["unknown", { result: "API Error: Connection to the API was lost (ECONNRESET)." }, { kind: "connection", retryable: true }],
    ["server_error", { api_error_status: 503, result: "API Error: 503" }, { kind: "overloaded", retryable: true }],
    ["server_error", { api_error_status: 500, result: "API Error: 500" }, { kind: "server-error", retryable: true }],
    ["authentication_failed", { result: "Not logged in · Please run /login" }, { kind: "auth", retryable: false }],
    [
      "invalid_request",
      { terminal_reason: "prompt_too_long", result: "prompt is too long: 9 tokens > 8 maximum" },
      { kind: "context-overflow", overflow: { promptTokens: 9, contextTokens: 8 } },
    ],
    [undefined, { result: "" }, { kind: "server-error", retryable: true }],
  ] as const)("%s %j", (word, fields, told) => {
    expect(failure({ is_error: true, ...fields }, word)).toMatchObject(told);
  });

  test("a limit of turns is told without the program's own words", () => {
    expect(failure({ subtype: "error_max_turns", is_error: true, errors: ["Reached maximum number of turns (2)"] })).toEqual({
      kind: "invalid-reply",
      retryable: false,
      message: "Claude Code used up its turns (max_turns) before it had an answer.",
    });
  });

  test("a program that ends by itself is told with the last error it wrote", () => {
    const complaint = "1 | code\n\nerror: bubblewrap is required\n      at x (/y:1)\n\nBun v1.4.0";
    expect(crashed(new Error("exited with code 1"), complaint).told).toMatchObject({
      kind: "unavailable",
      retryable: true,
      message: "Claude Code ended in the middle of its work.",
      quote: "error: bubblewrap is required",
    });
    expect(crashed("gone", "").told.quote).toBe("gone");
  });
});

describe("a program that goes on and on", () => {
  const asked = said([{ type: "tool_use", id: "t", name: "Read", input: {} }]);

  test("tells what it has taken whenever it goes on, also in agents of its own", () => {
    const inside = [start(100), stop("end_turn")].map((each) => ({ ...each, parent_tool_use_id: "t" }) as SDKMessage);
    expect(parts([start(10), asked, ...inside, stop("tool_use")]).at(-1)).toMatchObject({
      type: "raw",
      rawValue: { massgen: { usage: { inputTokens: { total: 112 }, outputTokens: { total: 6 } } } },
    });
  });

  test("is cut off once it has taken what was left, with what it said", () => {
    const taking = createStreamParts(false, 100);
    const messages = [start(60), asked, stop("tool_use"), start(30), ...text(0, "So far"), stop("tool_use")];
    const taken = messages.map((each) => taking.take(each));
    expect(taken.flat().filter(({ type }) => type === "finish")).toEqual([]);
    expect(taking.take(start(30)).at(-1)).toMatchObject({
      type: "finish",
      finishReason: { unified: "length" },
      usage: { inputTokens: { total: 123 }, outputTokens: { total: 6 } },
    });
  });
});
