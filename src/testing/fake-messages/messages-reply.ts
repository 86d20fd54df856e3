import type { FakeReply } from "../fake-openai/fake-reply.ts";

/** A call to a tool on the wire of the Messages API. */
export interface FakeToolUse {
  readonly id?: string;
  readonly name: string;
  readonly input: object;
}

/** What a tool of Anthropic's own does: `web_search`, `bash_code_execution`, …; without a result it is still at work. */
export interface FakeServerTool {
  readonly id?: string;
  readonly name: string;
  readonly input: object;
  readonly result?: object | readonly object[];
}

/** What a fake Messages API answers to one request; pace and faults are those of every fake. `{ text: "Hi" }` is a complete reply. */
export interface MessagesReply extends Omit<
  FakeReply,
  "reasoningAs" | "contentAs" | "toolCalls" | "toolCallsAs" | "finish" | "usage" | "withoutDone" | "frames"
> {
  readonly toolUses?: readonly FakeToolUse[];
  /** Before the text. */
  readonly serverTools?: readonly FakeServerTool[];
  /** Where its code runs: `{ id, expires_at }`. */
  readonly container?: object;
  /** What goes with a `refusal`: `{ type: "refusal", category, explanation }`. */
  readonly stopDetails?: object;
  /** By default `tool_use` where there are some, else `end_turn`. */
  readonly stopReason?: string;
  /** Fields over those that are counted. */
  readonly usage?: object;
  /** Events sent instead of all the above: objects with a `type`, as recordings hold them. */
  readonly events?: readonly { readonly type: string }[];
}

/** What the API answers to a request that it does not serve. */
export function messagesError(type: string, message: string): object {
  return { type: "error", error: { type, message }, request_id: "req_fake" };
}
