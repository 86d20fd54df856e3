import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4Prompt, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { systemClock, type Clock } from "../models/clock.ts";
import { ScriptError } from "./script-error.ts";
import { performanceOf, type Performance, type ScriptedReply } from "./scripted-reply.ts";

/** What a call has to look like for its line to be spoken. */
export type Expectation =
  | ((options: LanguageModelV4CallOptions) => boolean)
  | {
      /** Texts that are, or are not, somewhere in the prompt. */
      readonly contains?: string | readonly string[];
      readonly lacks?: string | readonly string[];
      readonly format?: "text" | "json" | "tools";
    };

/** One call of the script: a reply, and what the call must be like. */
export type Line = ScriptedReply | { readonly expect: Expectation; readonly reply: ScriptedReply };

/** Lines in order, or a function that has a reply to everything (`index` counts calls from 0; nothing means that no call was expected). */
export type Lines = readonly Line[] | ((options: LanguageModelV4CallOptions, index: number) => ScriptedReply | undefined);

export interface ScriptedModel {
  readonly model: LanguageModelV4;
  /** What was asked, in order. */
  readonly calls: readonly LanguageModelV4CallOptions[];
  /** Throws a `ScriptError` when lines are left over, or when a call came that the script does not have. */
  assertUsedUp(): void;
}

/**
 * A language model that says what a script says. A call that has no line, or not the one expected, fails with a `ScriptError`.
 * @param options.clock measures the delays of the script; the real one by default
 */
export function scriptedModel(name: string, lines: Lines, options: { readonly clock?: Clock } = {}): ScriptedModel {
  const clock = options.clock ?? systemClock();
  const calls: LanguageModelV4CallOptions[] = [];
  const errors: ScriptError[] = [];

  const refuse = (why: string): never => {
    const error = new ScriptError(`${name}, call ${calls.length}: ${why}`);
    errors.push(error);
    throw error;
  };

  const replyTo = (call: LanguageModelV4CallOptions): ScriptedReply => {
    if (typeof lines === "function") return lines(call, calls.length - 1) ?? refuse("the script has no reply.");
    const line = lines[calls.length - 1];
    if (line === undefined) return refuse(`the script has only ${lines.length} lines.`);
    if (typeof line === "string" || !("expect" in line)) return line;
    const mismatch = mismatchOf(line.expect, call);
    return mismatch === undefined ? line.reply : refuse(mismatch);
  };

  return {
    calls,
    model: {
      specificationVersion: "v4",
      provider: "scripted",
      modelId: name,
      supportedUrls: {},
      doGenerate: async () => refuse("the council always streams."),
      doStream: async (call) => {
        calls.push(call);
        call.abortSignal?.throwIfAborted();
        const performance = performanceOf(replyTo(call), textOf(call.prompt));
        if (performance.after.type === "error" && performance.parts.length === 0) {
          await wait(clock, performance.delayMs, call.abortSignal);
          throw performance.after.error;
        }
        return { stream: perform(performance, clock, call.abortSignal) };
      },
    },
    assertUsedUp() {
      const [first] = errors;
      if (first !== undefined) throw first;
      const spoken = calls.length;
      if (typeof lines !== "function" && spoken < lines.length) {
        throw new ScriptError(
          `${name}: ${lines.length - spoken} of ${lines.length} lines were not used; the next is ${describe(lines[spoken])}.`,
        );
      }
    },
  };
}

function perform(performance: Performance, clock: Clock, signal: AbortSignal | undefined): ReadableStream<LanguageModelV4StreamPart> {
  const { parts, after, delayMs, betweenMs } = performance;
  let next = 0;
  return new ReadableStream<LanguageModelV4StreamPart>(
    {
      start: (controller) => controller.enqueue({ type: "stream-start", warnings: [] }),
      async pull(controller) {
        await wait(clock, next === 0 ? delayMs : betweenMs, signal);
        const part = parts[next];
        next += 1;
        if (part !== undefined) return controller.enqueue(part);
        if (after.type === "silence") await wait(clock, Infinity, signal);
        if (after.type === "error") throw after.error;
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Waits by the clock, for ever if need be; an abort ends it with the signal's reason, as with real providers. */
function wait(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> | undefined {
  signal?.throwIfAborted();
  if (ms === 0) return undefined;
  return new Promise((resolve, reject) => {
    const undo =
      ms === Infinity
        ? (): void => {}
        : clock.schedule(clock.now() + ms, () => {
            signal?.removeEventListener("abort", abort);
            resolve();
          });
    const abort = (): void => {
      undo();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
  });
}

function mismatchOf(expect: Expectation, call: LanguageModelV4CallOptions): string | undefined {
  if (typeof expect === "function") return expect(call) ? undefined : "the call is not what the script expects.";
  const text = textOf(call.prompt);
  const missing = listOf(expect.contains).find((part) => !text.includes(part));
  if (missing !== undefined) return `the prompt lacks ${JSON.stringify(missing)}:\n${text}`;
  const unwanted = listOf(expect.lacks).find((part) => text.includes(part));
  if (unwanted !== undefined) return `the prompt contains ${JSON.stringify(unwanted)}:\n${text}`;
  const format = formatOf(call);
  return expect.format === undefined || expect.format === format ? undefined : `expected ${expect.format}, was asked for ${format}.`;
}

function formatOf(call: LanguageModelV4CallOptions): "text" | "json" | "tools" {
  if (call.responseFormat?.type === "json") return "json";
  return (call.tools ?? []).length > 0 ? "tools" : "text";
}

function textOf(prompt: LanguageModelV4Prompt): string {
  return prompt
    .map((message) => {
      if (message.role === "system") return message.content;
      return message.content.map((part) => ("text" in part ? part.text : JSON.stringify(part))).join("\n");
    })
    .join("\n\n");
}

function listOf(texts: string | readonly string[] | undefined): readonly string[] {
  return typeof texts === "string" ? [texts] : (texts ?? []);
}

function describe(line: Line | undefined): string {
  return JSON.stringify(line) ?? "nothing";
}
