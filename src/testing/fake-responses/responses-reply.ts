import type { FakeReply } from "../fake-openai/fake-reply.ts";

/** A call to a function on the wire of the Responses API. */
export interface FakeFunctionCall {
  readonly callId?: string;
  readonly name: string;
  readonly arguments: object;
}

/** What a fake Responses API answers to one request; pace and faults are those of every fake. `{ text: "Hi" }` is a complete reply. */
export interface ResponsesReply extends Omit<
  FakeReply,
  "reasoningAs" | "contentAs" | "toolCalls" | "toolCallsAs" | "finish" | "usage" | "frames"
> {
  /** Ends the stream without the event that says how the response ended. */
  readonly withoutDone?: boolean;
  /** `reasoning` comes as a summary, before everything else. */
  readonly reasoning?: string;
  /** What the thinking is given back as, where a request wants that. */
  readonly encryptedReasoning?: string;
  /** A message of the phase `commentary`, before the answer. */
  readonly commentary?: string;
  /** Searches of the provider, each with what it looked for and the addresses it found. */
  readonly searches?: readonly { readonly query: string; readonly sources?: readonly string[] }[];
  /** Runs of the provider's code interpreter. */
  readonly runs?: readonly { readonly code: string; readonly logs?: string }[];
  /** What the text refers to. */
  readonly citations?: readonly { readonly url: string; readonly title: string }[];
  readonly functionCalls?: readonly FakeFunctionCall[];
  /** Said as a refusal instead of a text. */
  readonly refusal?: string;
  /** Ends with `response.incomplete` for this reason: `max_output_tokens`, `content_filter`. */
  readonly incomplete?: string;
  /** Ends with `response.failed` and this error. */
  readonly failed?: { readonly code: string; readonly message: string };
  /** Fields over those that are counted. */
  readonly usage?: object;
  /** Events sent instead of all the above: objects with a `type`, as recordings hold them. */
  readonly events?: readonly { readonly type: string }[];
}

/** What the API answers to a request that it does not serve. */
export function responsesError(
  type: string,
  message: string,
  { code = null, param = null }: { readonly code?: string | null; readonly param?: string | null } = {},
): object {
  return { error: { message, type, param, code } };
}
