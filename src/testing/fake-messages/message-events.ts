import { words } from "../fake-openai/render-frames.ts";
import type { FakeServerTool, FakeToolUse, MessagesReply } from "./messages-reply.ts";

/** One event; only tokens are paced, stalled at and counted. */
export interface MessageEvent {
  readonly token: boolean;
  readonly data: object;
}

/**
 * A streamed reply in order: thinking, what the provider's tools did, text, tool calls, each a block of its own.
 * @param counted the tokens of the prompt, as the wire has them
 */
export function messageEvents(reply: MessagesReply, model: string, counted: object): readonly MessageEvent[] {
  if (reply.events !== undefined) return reply.events.map((data) => ({ token: true, data }));
  const usage = { ...counted, output_tokens: 1, ...reply.usage };
  const message = { ...messageHead(model), content: [], stop_reason: null, stop_sequence: null, usage };
  const blocks = blocksOf(reply).flatMap((block, index) => blockEvents(block, index));
  const delta = {
    stop_reason: stopReasonOf(reply),
    stop_sequence: null,
    ...(reply.stopDetails && { stop_details: reply.stopDetails }),
    ...(reply.container && { container: reply.container }),
  };
  return [
    { token: false, data: { type: "message_start", message } },
    ...blocks,
    { token: false, data: { type: "message_delta", delta, usage: { output_tokens: outputTokens(reply), ...reply.usage } } },
    { token: false, data: { type: "message_stop" } },
  ];
}

/** The same reply as one document. */
export function messageDocument(reply: MessagesReply, model: string, counted: object): object {
  return {
    ...messageHead(model),
    content: blocksOf(reply).map(({ whole }) => whole),
    stop_reason: stopReasonOf(reply),
    stop_sequence: null,
    usage: { ...counted, output_tokens: outputTokens(reply), ...reply.usage },
  };
}

interface Block {
  readonly empty: object;
  readonly deltas: readonly object[];
  readonly whole: object;
}

function blocksOf({ reasoning, text, tokens, toolUses = [], serverTools = [] }: MessagesReply): readonly Block[] {
  const pieces = tokens ?? words(text ?? "");
  return [
    ...(reasoning === undefined ? [] : [thinkingBlock(reasoning)]),
    ...serverTools.flatMap(serverBlocks),
    ...(pieces.length === 0 ? [] : [textBlock(pieces)]),
    ...toolUses.map(toolBlock),
  ];
}

function thinkingBlock(thinking: string): Block {
  const signature = "c2lnbmVk";
  return {
    empty: { type: "thinking", thinking: "", signature: "" },
    deltas: [...words(thinking).map((piece) => ({ type: "thinking_delta", thinking: piece })), { type: "signature_delta", signature }],
    whole: { type: "thinking", thinking, signature },
  };
}

function textBlock(pieces: readonly string[]): Block {
  return {
    empty: { type: "text", text: "" },
    deltas: pieces.map((text) => ({ type: "text_delta", text })),
    whole: { type: "text", text: pieces.join("") },
  };
}

function toolBlock({ id, name, input }: FakeToolUse, position: number): Block {
  const head = { type: "tool_use", id: id ?? `toolu_fake_${position}`, name };
  const json = JSON.stringify(input);
  const middle = Math.ceil(json.length / 2);
  return {
    empty: { ...head, input: {} },
    deltas: [json.slice(0, middle), json.slice(middle)].map((piece) => ({ type: "input_json_delta", partial_json: piece })),
    whole: { ...head, input },
  };
}

/** The call of a tool that Anthropic runs, and the block with its result, which has the name of its tool. */
function serverBlocks({ id: given, name, input, result }: FakeServerTool, position: number): readonly Block[] {
  const id = given ?? `srvtoolu_fake_${position}`;
  const call = toolBlock({ id, name, input }, position);
  const whole = { type: `${name}_tool_result`, tool_use_id: id, content: result };
  return [
    { ...call, empty: { ...call.empty, type: "server_tool_use" }, whole: { ...call.whole, type: "server_tool_use" } },
    ...(result === undefined ? [] : [{ empty: whole, deltas: [], whole }]),
  ];
}

function blockEvents({ empty, deltas }: Block, index: number): readonly MessageEvent[] {
  return [
    { token: false, data: { type: "content_block_start", index, content_block: empty } },
    ...deltas.map((delta) => ({ token: true, data: { type: "content_block_delta", index, delta } })),
    { token: false, data: { type: "content_block_stop", index } },
  ];
}

function messageHead(model: string): object {
  return { id: "msg_fake", type: "message", role: "assistant", model };
}

function outputTokens({ reasoning = "", text, tokens = [], toolUses = [] }: MessagesReply): number {
  const said = `${reasoning}${text ?? tokens.join("")}${toolUses.map(({ input }) => JSON.stringify(input)).join("")}`;
  return Math.max(1, Math.ceil(Buffer.byteLength(said) / 4));
}

function stopReasonOf({ stopReason, toolUses = [] }: MessagesReply): string {
  return stopReason ?? (toolUses.length > 0 ? "tool_use" : "end_turn");
}
