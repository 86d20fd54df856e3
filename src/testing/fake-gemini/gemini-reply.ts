import type { FakeReply } from "../fake-openai/fake-reply.ts";

/** What a fake Gemini answers to one request; pace and faults are those of every fake. `{ text: "Hi" }` is a complete reply. */
export interface GeminiReply extends Omit<
  FakeReply,
  "reasoningAs" | "contentAs" | "toolCalls" | "toolCallsAs" | "finish" | "usage" | "withoutDone" | "frames" | "unstreamed"
> {
  readonly functionCalls?: readonly { readonly name: string; readonly args: object }[];
  /** Code that ran before the text, with what it printed. */
  readonly code?: readonly { readonly code: string; readonly output: string; readonly outcome?: string }[];
  /** What was searched for, and the pages found, all told with the last chunk. */
  readonly search?: { readonly queries: readonly string[]; readonly pages: readonly { readonly uri: string; readonly title: string }[] };
  /** The finish reason on the wire, `STOP` by default; null leaves it out. */
  readonly finish?: string | null;
  readonly finishMessage?: string;
  /** The prompt is refused for this reason: `PROHIBITED_CONTENT`. */
  readonly blocked?: string;
  /** Fields over those that are counted. */
  readonly usage?: object;
  /** Chunks sent instead of all the above, as recordings hold them. */
  readonly chunks?: readonly object[];
}

/** What the API answers to a request that it does not serve. */
export function geminiError(code: number, status: string, message: string, details: readonly object[] = []): object {
  return { error: { code, message, status, ...(details.length > 0 && { details }) } };
}
