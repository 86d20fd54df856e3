import type { FakeReply, FakeToolCall } from "./fake-reply.ts";

/** What was counted for one request. */
export interface Counted {
  readonly promptTokens: number;
  readonly cachedTokens: number;
}

/** One thing to write; only tokens are paced, stalled at and counted. */
export interface Frame {
  readonly token: boolean;
  readonly data: object | string;
}

/** The chunks of a streamed reply in order, without `[DONE]`. */
export function renderFrames(reply: FakeReply, model: string, usage: object | undefined): readonly Frame[] {
  if (reply.frames !== undefined) return reply.frames.map((data) => ({ token: true, data }));
  const chunk = (delta: object, finish: string | null = null): object => ({
    id: "chatcmpl-fake",
    object: "chat.completion.chunk",
    created: 1_790_000_000,
    model,
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const tokens = deltasOf(reply).map((delta) => ({ token: true, data: chunk(delta) }));
  const finish = finishOf(reply);
  return [
    { token: false, data: chunk({ role: "assistant", content: null }) },
    ...tokens,
    ...(finish === null ? [] : [{ token: false, data: chunk({}, finish) }]),
    ...(usage === undefined ? [] : [{ token: false, data: { object: "chat.completion.chunk", model, choices: [], usage } }]),
  ];
}

/** The same reply as one document. */
export function renderDocument(reply: FakeReply, model: string, usage: object | undefined): object {
  const { contentAs = "string" } = reply;
  const calls = nativeCalls(reply);
  const message = {
    role: "assistant",
    content: wrapped(textOf(reply), contentAs),
    ...(reply.reasoning === undefined || reply.reasoningAs === "think-tags"
      ? {}
      : { [reply.reasoningAs ?? "reasoning_content"]: reply.reasoning }),
    tool_calls: calls.map((call, index) => wholeCall(call, index, reply.toolCallsAs === "objects")),
  };
  return {
    id: "chatcmpl-fake",
    object: "chat.completion",
    created: 1_790_000_000,
    model,
    choices: [{ index: 0, message, finish_reason: finishOf(reply) }],
    ...(usage === undefined ? {} : { usage }),
  };
}

/** The usage to send, if any. */
export function renderUsage(reply: FakeReply, asked: boolean, { promptTokens, cachedTokens }: Counted): object | undefined {
  const { usage = true } = reply;
  if (typeof usage === "object") return usage;
  if (!usage || !asked) return undefined;
  const completion = Math.ceil(Buffer.byteLength(`${reply.reasoning ?? ""}${textOf(reply)}${JSON.stringify(nativeCalls(reply))}`) / 4);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completion,
    total_tokens: promptTokens + completion,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  };
}

function deltasOf(reply: FakeReply): readonly object[] {
  const { reasoning, reasoningAs = "reasoning_content", contentAs = "string" } = reply;
  const thoughts =
    reasoning === undefined || reasoningAs === "think-tags" ? [] : words(reasoning).map((piece) => ({ [reasoningAs]: piece }));
  const texts = (reply.tokens ?? words(textOf(reply))).map((piece) => ({ content: wrapped(piece, contentAs) }));
  return [...thoughts, ...texts, ...nativeCalls(reply).flatMap((call, index) => callDeltas(call, index, reply))];
}

/** The text of a reply as one string, with what is written into it: thoughts in tags, calls as text. */
export function textOf({ text, tokens, reasoning, reasoningAs, toolCalls = [], toolCallsAs }: FakeReply): string {
  const thinking = reasoning !== undefined && reasoningAs === "think-tags" ? `<think>${reasoning}</think>` : "";
  const said = text ?? (tokens ?? []).join("");
  const calls =
    toolCallsAs === "text"
      ? toolCalls.map((call) => `<tool_call>${JSON.stringify({ name: call.name, arguments: call.arguments })}</tool_call>`)
      : [];
  return `${thinking}${said}${calls.join("\n")}`;
}

/** The calls that are sent as calls. */
export function nativeCalls({ toolCalls = [], toolCallsAs }: FakeReply): readonly FakeToolCall[] {
  return toolCallsAs === "text" ? [] : toolCalls;
}

function callDeltas(call: FakeToolCall, position: number, { toolCallsAs = "pieces" }: FakeReply): readonly object[] {
  const index = toolCallsAs === "one-index" ? 0 : position;
  if (toolCallsAs === "objects") return [{ tool_calls: [wholeCall(call, index, true)] }];
  const written = argumentsText(call);
  const middle = Math.ceil(written.length / 2);
  const head = { index, id: call.id ?? `call_${position}`, type: "function", function: { name: call.name, arguments: "" } };
  const pieces = [written.slice(0, middle), written.slice(middle)].filter((piece) => piece !== "");
  return [{ tool_calls: [head] }, ...pieces.map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] }))];
}

function wholeCall(call: FakeToolCall, index: number, asObject: boolean): object {
  const { name } = call;
  return {
    index,
    id: call.id ?? `call_${index}`,
    type: "function",
    function: { name, arguments: asObject ? call.arguments : argumentsText(call) },
  };
}

/** The arguments as JSON text. */
export function argumentsText(call: FakeToolCall): string {
  return typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments);
}

function finishOf(reply: FakeReply): string | null {
  if (reply.finish !== undefined) return reply.finish;
  return nativeCalls(reply).length > 0 ? "tool_calls" : "stop";
}

/** Text as the content that a reply asks for. */
export function wrapped(text: string, contentAs: "string" | "parts" | "object"): unknown {
  if (contentAs === "string") return text;
  const part = { type: "text", text };
  return contentAs === "parts" ? [part] : part;
}

/** A text in words, each with the space after it. */
export function words(text: string): readonly string[] {
  return text.match(/\S+\s*|\s+/gu) ?? [];
}
