import {
  APICallError,
  type LanguageModelV4FinishReason,
  type LanguageModelV4StreamPart,
  type LanguageModelV4Usage,
} from "@ai-sdk/provider";

/** A tool call as a scripted model makes it; `input` that is no string is sent as JSON. */
export interface ScriptedToolCall {
  readonly id?: string;
  readonly name: string;
  readonly input: unknown;
}

export interface ScriptedUsage {
  readonly input?: number;
  readonly output?: number;
  readonly cached?: number;
  readonly reasoning?: number;
}

/** What of an HTTP answer matters to whoever has to explain a failure. */
export interface ScriptedFailure {
  readonly status?: number;
  readonly body?: string | object;
  readonly retryAfterMs?: number;
  readonly message?: string;
}

/** When things come. Milliseconds of the model's clock. */
interface Pace {
  /** Before the first part. */
  readonly delayMs?: number;
  /** Between two parts. */
  readonly betweenMs?: number;
}

interface Said extends Pace {
  readonly text?: string;
  readonly reasoning?: string;
  readonly toolCalls?: readonly ScriptedToolCall[];
  /** Deltas that the text comes in: how many, or exactly which; one by default. */
  readonly chunks?: number | readonly string[];
}

export interface ScriptedAnswer extends Said {
  /** How it ends; by default `stop`, or `tool-calls` with tool calls. `none` leaves the finish out. */
  readonly finish?: LanguageModelV4FinishReason["unified"] | "none";
  /** By default what the words measure at four bytes a token; `none` reports nothing. */
  readonly usage?: ScriptedUsage | "none";
}

/** Fails: before the stream without text, in its middle after some. */
export interface ScriptedTrouble extends Said {
  readonly fail: Error | ScriptedFailure;
}

/** Says what it has to say and then nothing more, until it is aborted. */
export interface ScriptedHang extends Said {
  readonly hang: true;
}

export type ScriptedReply = string | ScriptedAnswer | ScriptedTrouble | ScriptedHang;

/** What a reply comes to: parts, and then an end, an error, or silence. */
export interface Performance {
  readonly parts: readonly LanguageModelV4StreamPart[];
  readonly after: { readonly type: "end" } | { readonly type: "error"; readonly error: Error } | { readonly type: "silence" };
  readonly delayMs: number;
  readonly betweenMs: number;
}

/** @param promptText all text of the prompt, for the usage that is reported by default */
export function performanceOf(reply: ScriptedReply, promptText: string): Performance {
  const said: Exclude<ScriptedReply, string> = typeof reply === "string" ? { text: reply } : reply;
  const parts = partsOf(said);
  const pace = { delayMs: said.delayMs ?? 0, betweenMs: said.betweenMs ?? 0 };
  if ("hang" in said) return { parts, after: { type: "silence" }, ...pace };
  if ("fail" in said) return { parts, after: { type: "error", error: errorOf(said.fail) }, ...pace };
  return { parts: [...parts, ...finishOf(said, promptText)], after: { type: "end" }, ...pace };
}

function partsOf({ text = "", reasoning = "", toolCalls = [], chunks = 1 }: Said): readonly LanguageModelV4StreamPart[] {
  const pieces = typeof chunks === "number" ? split(text, chunks) : chunks;
  return [
    ...(reasoning === "" ? [] : [{ type: "reasoning-delta" as const, id: "reasoning", delta: reasoning }]),
    ...pieces.map((delta) => ({ type: "text-delta" as const, id: "text", delta })),
    ...toolCalls.map(({ id, name, input }, index) => ({
      type: "tool-call" as const,
      toolCallId: id ?? `call-${index + 1}`,
      toolName: name,
      input: typeof input === "string" ? input : JSON.stringify(input),
    })),
  ];
}

function split(text: string, count: number): readonly string[] {
  if (text === "") return [];
  const characters = Array.from(text);
  const size = Math.max(1, Math.ceil(characters.length / count));
  return Array.from({ length: Math.ceil(characters.length / size) }, (_, index) =>
    characters.slice(index * size, (index + 1) * size).join(""),
  );
}

function finishOf(said: ScriptedAnswer, promptText: string): readonly LanguageModelV4StreamPart[] {
  if (said.finish === "none") return [];
  const unified = said.finish ?? ((said.toolCalls ?? []).length > 0 ? "tool-calls" : "stop");
  return [{ type: "finish", finishReason: { unified, raw: unified }, usage: usageOf(said, promptText) }];
}

function usageOf({ usage = {}, text = "", reasoning = "" }: ScriptedAnswer, promptText: string): LanguageModelV4Usage {
  const unknown = usage === "none";
  const given = usage === "none" ? {} : usage;
  const input = given.input ?? (unknown ? undefined : tokens(promptText));
  const output = given.output ?? (unknown ? undefined : tokens(text) + tokens(reasoning));
  return {
    inputTokens: { total: input, noCache: undefined, cacheRead: given.cached, cacheWrite: undefined },
    outputTokens: { total: output, text: undefined, reasoning: given.reasoning },
  };
}

function tokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4);
}

function errorOf(failure: Error | ScriptedFailure): Error {
  if (failure instanceof Error) return failure;
  const { status, body, retryAfterMs, message } = failure;
  return new APICallError({
    message: message ?? `scripted failure ${status ?? ""}`.trim(),
    url: "http://scripted.invalid/v1/chat/completions",
    requestBodyValues: {},
    ...(status === undefined ? {} : { statusCode: status, responseBody: typeof body === "object" ? JSON.stringify(body) : (body ?? "") }),
    ...(retryAfterMs === undefined ? {} : { responseHeaders: { "retry-after-ms": String(retryAfterMs) } }),
  });
}
