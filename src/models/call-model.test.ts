import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { describe, expect, test } from "vitest";
import type { Outcome } from "../core/facts/outcome.ts";
import type { Prompt } from "../core/messages.ts";
import { scriptedModel, type Lines } from "../testing/scripted-model.ts";
import { virtualClock, type VirtualClock } from "../testing/virtual-clock.ts";
import { callModel } from "./call-model.ts";
import type { CouncilModel, Delta, LoadProgress } from "./model.ts";
import { createQueue } from "./queue/engine-queue.ts";
import { withProgress } from "./with-progress.ts";

const prompt: Prompt = { messages: [{ role: "user", text: "How are you?" }], maxOutputTokens: 100, maxTextTokens: 100 };
const ballotPrompt: Prompt = { ...prompt, ballot: { rung: "schema", choices: ["Heron", "improve"] } };
const toolPrompt: Prompt = { ...prompt, ballot: { rung: "tool", choices: ["Heron", "improve"] } };

interface Setup {
  readonly clock?: VirtualClock;
  readonly prompt?: Prompt;
  readonly model?: Partial<CouncilModel>;
  readonly signal?: AbortSignal;
}

function councilModel(languageModel: LanguageModelV4, changes: Partial<CouncilModel> = {}): CouncilModel {
  return {
    languageModel,
    name: "scripted/one",
    rungs: ["schema", "tool", "text"],
    sampling: {},
    timeouts: {},
    queue: createQueue({ slots: 4, sharing: "blocks" }),
    ...changes,
  };
}

async function drain(languageModel: LanguageModelV4, setup: Setup = {}): Promise<{ deltas: Delta[]; outcome: Outcome }> {
  const clock = setup.clock ?? virtualClock();
  const signal = setup.signal ?? new AbortController().signal;
  const call = callModel(councilModel(languageModel, setup.model), setup.prompt ?? prompt, { clock }, signal);
  const deltas: Delta[] = [];
  const all = async (): Promise<Outcome> => {
    for (;;) {
      const next = await call.next();
      if (next.done === true) return next.value;
      deltas.push(next.value);
    }
  };
  return { outcome: await clock.runUntil(all()), deltas };
}

async function ask(
  lines: Lines,
  setup: Setup = {},
): Promise<{ deltas: Delta[]; outcome: Outcome; calls: readonly LanguageModelV4CallOptions[] }> {
  const clock = setup.clock ?? virtualClock();
  const script = scriptedModel("one", lines, { clock });
  return { ...(await drain(script.model, { ...setup, clock })), calls: script.calls };
}

/** A model whose stream holds exactly these parts. */
function rawModel(parts: readonly LanguageModelV4StreamPart[], onCancel = (): void => {}): LanguageModelV4 {
  return {
    ...scriptedModel("raw", []).model,
    doStream: async () => {
      let next = 0;
      const stream = new ReadableStream<LanguageModelV4StreamPart>({
        pull(controller) {
          const part = parts[next];
          next += 1;
          if (part === undefined) controller.close();
          else controller.enqueue(part);
        },
        cancel: onCancel,
      });
      return { stream };
    },
  };
}

const text = (delta: string): LanguageModelV4StreamPart => ({ type: "text-delta", id: "t", delta });
const finish = (
  unified: "stop" | "length" | "content-filter" | "error" | "interrupted" | "tool-calls" | "other",
  usage = {},
): LanguageModelV4StreamPart => ({
  type: "finish",
  finishReason: { unified, raw: undefined },
  usage: {
    inputTokens: { total: 10, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: 5, text: undefined, reasoning: undefined },
    ...usage,
  },
});

describe("a reply", () => {
  test("streams its deltas and settles with all of them", async () => {
    const { deltas, outcome } = await ask([
      { text: "Hello there", reasoning: "hm", chunks: 3, usage: { input: 7, output: 3, cached: 4, reasoning: 1 } },
    ]);
    expect(deltas).toEqual([
      { type: "started" },
      { type: "reasoning", text: "hm" },
      { type: "text", text: "Hell" },
      { type: "text", text: "o th" },
      { type: "text", text: "ere" },
    ]);
    expect(outcome).toEqual({
      type: "replied",
      text: "Hello there",
      reasoning: "hm",
      toolCalls: [],
      timing: { firstTokenMs: 0, reported: false },
      finish: "stop",
      usage: { inputTokens: 7, outputTokens: 3, cachedInputTokens: 4, reasoningTokens: 1, estimated: false },
    });
  });

  test("that is empty although tokens were spent is a failure that may be tried again", async () => {
    for (const finish of ["stop", "tool-calls"] as const) {
      const { outcome } = await ask([{ text: "", finish, usage: { input: 7, output: 24 } }]);
      expect(outcome).toMatchObject({ type: "failed", failure: { kind: "invalid-reply", retryable: true } });
    }
    expect((await ask([{ text: "", finish: "length" }])).outcome).toMatchObject({ type: "replied", text: "", finish: "length" });
    expect((await ask([{ reasoning: "hm" }])).outcome).toMatchObject({ type: "replied", text: "", reasoning: "hm" });
  });

  test("45. that ends a right tool call with `stop` is understood", async () => {
    const { outcome } = await ask([{ toolCalls: [{ name: "ballot", input: { reason: "r", choice: "Heron" } }], finish: "stop" }], {
      prompt: toolPrompt,
    });
    expect(outcome).toMatchObject({
      type: "replied",
      finish: "stop",
      toolCalls: [{ id: "call-1", name: "ballot", input: '{"reason":"r","choice":"Heron"}' }],
    });
  });

  test("whose tool call was written as text counts as having made it, for an offered tool only", async () => {
    const written = '<tool_call>{"name": "ballot", "arguments": {"reason": "r", "choice": "Heron"}}</tool_call>';
    expect((await ask([written], { prompt: toolPrompt })).outcome).toMatchObject({
      toolCalls: [{ name: "ballot", input: '{"reason":"r","choice":"Heron"}' }],
    });
    expect((await ask([written])).outcome).toMatchObject({ text: written, toolCalls: [] });
  });

  test("has calls with ids of their own and without halves", async () => {
    const toolCalls = [
      { id: "7", name: "ballot", input: "{}" },
      { id: "7", name: "ballot", input: "" },
      { id: "", name: "ballot", input: "{}" },
    ];
    expect((await ask([{ toolCalls }])).outcome).toMatchObject({ toolCalls: [{ id: "7" }, { id: "7-2", input: "{}" }, { id: "call-3" }] });
    expect((await ask([{ toolCalls: [{ name: "ballot", input: '{"choi' }], finish: "length" }])).outcome).toMatchObject({
      toolCalls: [],
      finish: "length",
    });
  });

  test.each([
    [{ inputTokens: { total: Number.NaN }, outputTokens: { total: -1 } }],
    [{ inputTokens: { total: undefined }, outputTokens: { total: undefined } }],
    [{ inputTokens: { total: 0 }, outputTokens: { total: 0 } }],
    [{ inputTokens: { total: 1e300 }, outputTokens: { total: Number.MAX_SAFE_INTEGER } }],
  ])("has its usage estimated where what was reported cannot be right: %j", async (usage) => {
    const { outcome } = await drain(rawModel([text("Grüße!"), finish("stop", usage)]));
    expect(outcome.usage).toEqual({ inputTokens: 8, outputTokens: 2, estimated: true });
  });
});

describe("a reply of an agent with tools of its own", () => {
  const aside: LanguageModelV4StreamPart = { type: "text-end", id: "t", providerMetadata: { massgen: { aside: true } } };

  test("leaves out of its answer what was said on the way to it (BE-15)", async () => {
    const { outcome, deltas } = await drain(
      rawModel([
        text("I look "),
        text("first."),
        aside,
        aside,
        text("It is"),
        text(" four."),
        { type: "text-end", id: "t" },
        finish("stop"),
      ]),
    );
    expect(outcome).toMatchObject({ type: "replied", text: "It is four.", reasoning: "I look first.\n" });
    expect(deltas.map((delta) => (delta.type === "text" ? delta.text : "")).join("")).toBe("I look first.It is four.");
  });

  test("counts more than it was sent, which is no measure of our prompt", async () => {
    const { outcome } = await drain(rawModel([text("Hi"), finish("stop")]), { model: { works: true } });
    expect(outcome).toMatchObject({ usage: { inputTokens: 10, outputTokens: 5, estimated: true } });
  });
});

test("what an agent with tools of its own has taken so far is paid when it is broken off", async () => {
  const usage = { inputTokens: { total: 900 }, outputTokens: { total: 80 } };
  const parts: LanguageModelV4StreamPart[] = [text("I look first."), { type: "raw", rawValue: { massgen: { usage } } }];
  const { outcome } = await drain(rawModel([...parts, { type: "error", error: new Error("gone") }]), { model: { works: true } });
  expect(outcome).toMatchObject({ type: "failed", usage: { inputTokens: 900, outputTokens: 80, estimated: true } });
});

describe("thinking in tags", () => {
  test.each<[string, string | number | readonly string[], string, string | undefined]>([
    ["<think>plan</think>\n\nAnswer", 1, "Answer", "plan"],
    ["<think>plan</think>\n\nAnswer", 100, "Answer", "plan"],
    ["\n<thinking>plan</thinking>Answer", 7, "Answer", "plan"],
    ["[THINK]plan[/THINK]Answer", 4, "Answer", "plan"],
    ["<reasoning>a < b</reasoning> Answer", 5, "Answer", "a < b"],
    ["plan, plan\n</think>\n\nAnswer", 3, "Answer", "plan, plan\n"],
    ["<think>plan without end", 3, "", "plan without end"],
    ["<think></think>\n\n<think>again</think>Answer", 9, "Answer", "again"],
    ["<think", 2, "<think", undefined],
    ["  indented", 2, "  indented", undefined],
    ["Use `</think>` to end", 2, "Use `</think>` to end", undefined],
    ["Tags: <think>x</think>", 2, "Tags: <think>x</think>", undefined],
  ])("%j in %j pieces", async (whole, chunks, expectedText, expectedReasoning) => {
    const { outcome, deltas } = await ask([{ text: whole, chunks: chunks as number }]);
    expect(outcome).toMatchObject({ type: "replied", text: expectedText });
    expect("reasoning" in outcome ? outcome.reasoning : undefined).toBe(expectedReasoning);
    expect(
      deltas
        .filter((delta) => delta.type === "text")
        .map((delta) => delta.text)
        .join("")
        .endsWith(expectedText),
    ).toBe(true);
  });

  test("before a ballot", async () => {
    const { outcome } = await ask(['<think>hm</think>{"reason":"r","choice":"Heron"}'], { prompt: ballotPrompt });
    expect(outcome).toMatchObject({ text: '{"reason":"r","choice":"Heron"}', reasoning: "hm" });
  });
});

describe("a reply that runs away", () => {
  test("is cut at a character's boundary, and its stream is closed", async () => {
    let closed = false;
    const model = rawModel(
      Array.from({ length: 2000 }, () => text("üa")),
      () => {
        closed = true;
      },
    );
    const { outcome } = await drain(model, { prompt: { ...prompt, maxTextTokens: 10 } });
    expect(outcome).toMatchObject({ type: "replied", finish: "cut", text: "üa".repeat(13), usage: { estimated: true } });
    expect(closed).toBe(true);
  });

  test("is cut when only its thinking or its tool call does", async () => {
    const small = { ...prompt, maxOutputTokens: 10, maxTextTokens: 10 };
    const thinking = await ask([{ reasoning: "x".repeat(481) }], { prompt: small });
    expect(thinking.outcome).toMatchObject({ type: "replied", finish: "cut", text: "" });
    const { outcome } = await drain(rawModel([{ type: "tool-input-delta", id: "1", delta: "x".repeat(61) }]), { prompt: small });
    expect(outcome).toMatchObject({ type: "replied", finish: "cut", text: "", toolCalls: [] });
  });

  test("is not cut for thinking that tells itself apart late", async () => {
    const { outcome } = await ask([{ text: `${"plan ".repeat(200)}</think>Answer`, chunks: 50 }], {
      prompt: { ...prompt, maxTextTokens: 170 },
    });
    expect(outcome).toMatchObject({ finish: "stop", text: "Answer" });
  });

  test("of 5 MB costs no more than its limit", async () => {
    const { outcome } = await ask([{ text: "word ".repeat(1_000_000), chunks: 50 }]);
    expect(outcome).toMatchObject({ type: "replied", finish: "cut", text: "word ".repeat(80) });
  });
});

describe("trouble", () => {
  test("in the middle of a good stream is a failure with the text so far", async () => {
    const { outcome } = await drain(
      rawModel([text("Half"), { type: "error", error: { message: "Compute error." } }, text(" more"), finish("stop")]),
    );
    expect(outcome).toMatchObject({ type: "failed", text: "Half", failure: { kind: "out-of-memory", retryable: true } });
  });

  test.each([
    ["no finish at all", [text("Half")]],
    ["finish `interrupted`", [text("Half"), finish("interrupted")]],
  ])("%s means that the reply was cut", async (_name, parts) => {
    const { outcome } = await drain(rawModel(parts));
    expect(outcome).toMatchObject({ type: "failed", text: "Half", failure: { kind: "invalid-reply", retryable: true } });
  });

  test.each([
    ["error", "server-error"],
    ["content-filter", "content-filter"],
  ] as const)("finish `%s` without text", async (reason, kind) => {
    expect((await drain(rawModel([finish(reason)]))).outcome).toMatchObject({ type: "failed", failure: { kind } });
  });

  test("before the stream costs nothing", async () => {
    const { outcome } = await ask([{ fail: { status: 429, body: { error: { message: "Slow down" } }, retryAfterMs: 1500 } }]);
    expect(outcome).toEqual({
      type: "failed",
      failure: {
        kind: "rate-limited",
        message: "http://scripted.invalid limits how often it may be asked (429): Slow down",
        retryable: true,
        status: 429,
        retryAfterMs: 1500,
      },
      usage: { inputTokens: 0, outputTokens: 0, estimated: false },
    });
  });

  test("of a model that throws at once, or that cannot be loaded, is data too", async () => {
    const throwing: LanguageModelV4 = {
      ...scriptedModel("t", []).model,
      doStream: () => {
        throw new TypeError("no such thing");
      },
    };
    expect((await drain(throwing)).outcome).toMatchObject({ type: "failed", failure: { kind: "unavailable", retryable: false } });
    const prepare = (): AsyncIterable<LoadProgress> =>
      withProgress(async () => {
        throw new Error("failed to allocate buffer");
      });
    expect((await ask(["x"], { model: { prepare } })).outcome).toMatchObject({ type: "failed", failure: { kind: "out-of-memory" } });
  });

  test("of the script shows as a failure and when the script is checked", async () => {
    const script = scriptedModel("one", []);
    expect((await drain(script.model)).outcome).toMatchObject({ type: "failed", failure: { retryable: false } });
    expect(() => script.assertUsedUp()).toThrow("the script has only 0 lines");
  });
});

describe("limits of time", () => {
  test.each([
    ["first token", { firstTokenMs: 5000 }, { hang: true as const }, "sent no token within 5 s"],
    ["first token, late", { firstTokenMs: 5000, stallMs: 1 }, { text: "late", delayMs: 6000 }, "sent no token within 5 s"],
    ["stall", { firstTokenMs: 1, stallMs: 3000 }, { hang: true as const, text: "Half" }, "fell silent in the middle of its reply for 3 s"],
    ["whole call", { callMs: 7000, stallMs: 3000 }, { text: "abcdefghij", chunks: 10, betweenMs: 1000 }, "took longer than 7 s"],
  ])("%s", async (_name, timeouts, line, message) => {
    const { outcome } = await ask([line], { model: { timeouts } });
    expect(outcome).toMatchObject({ type: "failed", failure: { kind: "timeout", retryable: true, message: `scripted/one ${message}.` } });
  });

  test("a slow but steady reply is none of their business", async () => {
    const { outcome } = await ask([{ text: "abcdefghij", chunks: 10, delayMs: 4000, betweenMs: 2000 }], {
      model: { timeouts: { firstTokenMs: 5000, stallMs: 3000 } },
    });
    expect(outcome).toMatchObject({ type: "replied", text: "abcdefghij" });
  });

  test("silence does not count while nobody reads", async () => {
    const clock = virtualClock();
    const script = scriptedModel("one", [{ text: "ab", chunks: 2 }], { clock });
    const model = councilModel(script.model, { timeouts: { stallMs: 1000 } });
    const call = callModel(model, prompt, { clock }, new AbortController().signal);
    for (const expected of ["started", "text"]) expect((await call.next()).value).toMatchObject({ type: expected });
    clock.advance(60_000);
    expect((await call.next()).value).toEqual({ type: "text", text: "b" });
    expect((await call.next()).value).toMatchObject({ type: "replied", text: "ab" });
  });
});

describe("an abort", () => {
  const setups: readonly [string, LanguageModelV4][] = [
    ["that listens", scriptedModel("one", [{ hang: true, text: "Half" }]).model],
    [
      "that ignores it in its stream",
      {
        ...scriptedModel("d", []).model,
        doStream: async () => ({
          stream: new ReadableStream({ start: (c) => c.enqueue(text("Half")), cancel: () => new Promise(() => {}) }),
        }),
      },
    ],
  ];
  test.each(setups)("settles at once with a model %s", async (_name, languageModel) => {
    const stop = new AbortController();
    const call = callModel(councilModel(languageModel), prompt, { clock: virtualClock() }, stop.signal);
    await call.next();
    expect((await call.next()).value).toEqual({ type: "text", text: "Half" });
    const last = call.next();
    stop.abort();
    expect(await last).toEqual({
      done: true,
      value: {
        type: "cancelled",
        text: "Half",
        timing: { firstTokenMs: 0, reported: false },
        usage: { inputTokens: 8, outputTokens: 1, estimated: true },
      },
    });
  });

  test("settles at once when the model never opens its stream, which is closed when it comes late", async () => {
    const stop = new AbortController();
    const late = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    const deaf: LanguageModelV4 = {
      ...scriptedModel("d", []).model,
      doStream: async () => {
        await late.promise;
        return { stream: new ReadableStream({ cancel: () => closed.resolve() }) };
      },
    };
    const call = callModel(councilModel(deaf), prompt, { clock: virtualClock() }, stop.signal);
    await call.next();
    const last = call.next();
    stop.abort();
    expect(await last).toMatchObject({ done: true, value: { type: "cancelled", usage: { inputTokens: 8 } } });
    late.resolve();
    await expect(closed.promise).resolves.toBeUndefined();
  });

  test("in the queue or while loading costs nothing and frees the place once the load is over", async () => {
    const queue = createQueue({ slots: 1, sharing: "blocks" });
    const place = await queue.acquire({ tokens: 1 }, new AbortController().signal);
    const script = scriptedModel("one", []);
    const waiting = drain(script.model, { model: { queue }, signal: AbortSignal.timeout(0) });
    expect((await waiting).outcome).toEqual({ type: "cancelled", usage: { inputTokens: 0, outputTokens: 0, estimated: false } });
    place.release();
    const stop = new AbortController();
    const load = Promise.withResolvers<void>();
    const prepare = (): AsyncIterable<LoadProgress> =>
      withProgress(async () => {
        stop.abort();
        await load.promise;
      });
    const loading = drain(script.model, { model: { queue, prepare }, signal: stop.signal });
    expect((await loading).outcome).toMatchObject({ type: "cancelled" });
    // The engine loads on: until it is done no other call may have it load something else beside it.
    expect(queue.running).toBe(1);
    load.resolve();
    (await queue.acquire({ tokens: 1 }, new AbortController().signal)).release();
    script.assertUsedUp();
  });

  test("leaving early closes the stream and frees the place", async () => {
    let closed = false;
    const queue = createQueue({ slots: 1, sharing: "blocks" });
    const model = councilModel(
      rawModel([text("a"), text("b")], () => {
        closed = true;
      }),
      { queue },
    );
    for await (const delta of callModel(model, prompt, { clock: virtualClock() }, new AbortController().signal)) {
      if (delta.type === "text") break;
    }
    expect(closed).toBe(true);
    (await queue.acquire({ tokens: 1 }, new AbortController().signal)).release();
  });
});
