/** A tool call on the wire; `arguments` that is no string is sent as JSON text. */
export interface FakeToolCall {
  readonly id?: string | number;
  readonly name: string;
  readonly arguments: unknown;
}

/** When things come, in real milliseconds. */
interface Pace {
  readonly headersAfterMs?: number;
  readonly firstTokenAfterMs?: number;
  readonly betweenTokensMs?: number;
  /** Sends this many tokens and then nothing more, the connection open. */
  readonly stallAfterTokens?: number;
}

/** How the bytes are spoilt on their way. */
interface Faults {
  /** Destroys the socket after this many bytes of the body. */
  readonly cutAfterBytes?: number;
  /** Writes the body in pieces of this many bytes, also inside characters. */
  readonly splitEveryBytes?: number;
  /** Puts a frame that is no JSON before this token. */
  readonly malformedAtToken?: number;
  /** Puts an error frame before this token and ends the stream after it. */
  readonly errorAtToken?: { readonly token: number; readonly body: unknown };
  /** Leaves `[DONE]` out. */
  readonly withoutDone?: boolean;
  readonly crlf?: boolean;
  /** Comment lines between the frames. */
  readonly comments?: boolean;
}

/** What a fake server answers to one request. Everything has a sensible default; `{ text: "Hi" }` is a complete reply. */
export interface FakeReply extends Pace, Faults {
  /** Anything but 200 is an error with `body`. */
  readonly status?: number;
  /** Sent as it is with an error status; objects as JSON. */
  readonly body?: string | object;
  readonly headers?: Readonly<Record<string, string>>;
  /** Answers with a redirect there. */
  readonly redirectTo?: string;

  readonly text?: string;
  /** The tokens that the text comes in; words by default. */
  readonly tokens?: readonly string[];
  readonly reasoning?: string;
  readonly reasoningAs?: "reasoning_content" | "reasoning" | "thinking" | "think-tags";
  /** The text as a string, as the server of a list of parts, or as one object. */
  readonly contentAs?: "string" | "parts" | "object";
  readonly toolCalls?: readonly FakeToolCall[];
  /** In pieces as most servers stream them, whole with object arguments, all under one index, or written as text. */
  readonly toolCallsAs?: "pieces" | "objects" | "one-index" | "text";
  /** The finish reason on the wire; null leaves it out. */
  readonly finish?: string | null;
  /** Reported where asked for; an object is sent as it is, also where not asked for. */
  readonly usage?: boolean | object;
  /** Answers with one JSON document although a stream was asked for. */
  readonly unstreamed?: boolean;
  /** Chunks sent instead of all the above: objects as JSON frames, strings as they are. */
  readonly frames?: readonly (object | string)[];
}
