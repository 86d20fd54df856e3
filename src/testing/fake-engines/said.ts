import type { FakeReply, FakeToolCall } from "../fake-openai/fake-reply.ts";
import { argumentsText, nativeCalls, textOf, words, wrapped, type Counted } from "../fake-openai/render-frames.ts";

/** A tool call as engines write it: whole, and in the pieces it is streamed in. */
interface WrittenCall {
  readonly index: number;
  readonly id: string | number | undefined;
  readonly name: string;
  readonly text: string;
  readonly pieces: readonly string[];
  readonly value: unknown;
}

/** A reply as a model said it: within its limit, in tokens. A piece is a token. */
export interface Said {
  readonly reply: FakeReply;
  readonly counted: Counted;
  readonly thoughts: readonly string[];
  readonly pieces: readonly string[];
  readonly calls: readonly WrittenCall[];
  /** As OpenAI names it; null where the reply leaves it out. */
  readonly finish: string | null;
  readonly outputTokens: number;
}

/** What is left of a reply within `limit` tokens. A tool call that does not fit leaves the start of its marker as text. */
export function saidOf(reply: FakeReply, counted: Counted, limit: number): Said {
  const all = reply.reasoning === undefined || reply.reasoningAs === "think-tags" ? [] : words(reply.reasoning);
  const thoughts = all.slice(0, limit);
  const text = [...thinkTags(reply), ...(reply.tokens ?? words(textOf({ ...reply, reasoningAs: "reasoning" })))];
  const pieces = text.slice(0, limit - thoughts.length);
  const written = nativeCalls(reply).map((call, position) => writtenCall(call, reply.toolCallsAs === "one-index" ? 0 : position));
  const before = thoughts.length + pieces.length;
  const callTokens = written.reduce((sum, call) => sum + call.pieces.length + 1, 0);
  const fits = before + callTokens <= limit;
  const cut = !fits || text.length > pieces.length || all.length > thoughts.length;
  const leaked = !fits && before < limit ? ["<tool_c"] : [];
  return {
    reply,
    counted,
    thoughts,
    pieces: [...pieces, ...leaked],
    calls: fits ? written : [],
    finish: reply.finish === undefined ? finishOf(cut, written.length > 0) : reply.finish,
    outputTokens: fits ? before + callTokens : limit,
  };
}

/** The reply's text as the message's content. */
export function contentOf(said: Said): unknown {
  return wrapped(said.pieces.join(""), said.reply.contentAs ?? "string");
}

/** The tool calls or their pieces may come with a reasoning field of the engine's own name, unless the reply names another. */
export function reasoningField(said: Said, own: string): string {
  const { reasoningAs = own } = said.reply;
  return reasoningAs;
}

interface DeltaShape {
  /** The name of the reasoning field. */
  readonly reasoning: string;
  /** The `tool_calls` items that a call is streamed in. */
  readonly call: (call: WrittenCall) => readonly object[];
  /** Put into every delta, and into those with tool calls. */
  readonly everywhere?: object;
  readonly besideCalls?: object;
}

/** The deltas that carry something, one token each. */
export function deltasOf(said: Said, { reasoning, call, everywhere = {}, besideCalls = {} }: DeltaShape): readonly object[] {
  const { contentAs = "string" } = said.reply;
  return [
    ...said.thoughts.map((piece) => ({ ...everywhere, [reasoningField(said, reasoning)]: piece })),
    ...said.pieces.map((piece) => ({ ...everywhere, content: wrapped(piece, contentAs) })),
    ...said.calls.flatMap((written) => call(written).map((item) => ({ ...everywhere, ...besideCalls, tool_calls: [item] }))),
  ];
}

/** The usage to send: what the reply says, else what was counted. */
export function usageOf(said: Said, asked: boolean, shape: (input: number, output: number) => object): object | undefined {
  const { usage = true } = said.reply;
  if (typeof usage === "object") return usage;
  return usage && asked ? shape(said.counted.promptTokens, said.outputTokens) : undefined;
}

/** Arguments as a reply wants them on the wire: as JSON text, or as an object though the protocol says text. */
export function argumentsOf(call: WrittenCall, { toolCallsAs }: FakeReply): unknown {
  return toolCallsAs === "objects" ? call.value : call.text;
}

function writtenCall(call: FakeToolCall, index: number): WrittenCall {
  const text = argumentsText(call);
  const value = typeof call.arguments === "string" ? parsed(call.arguments) : call.arguments;
  return { index, id: call.id, name: call.name, text, pieces: text.match(/^[\s\S]|[\s\S]{1,6}/gu) ?? [], value };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function thinkTags({ reasoning, reasoningAs }: FakeReply): readonly string[] {
  return reasoning !== undefined && reasoningAs === "think-tags" ? ["<think>", ...words(reasoning), "</think>"] : [];
}

function finishOf(cut: boolean, calls: boolean): string {
  if (cut) return "length";
  return calls ? "tool_calls" : "stop";
}
