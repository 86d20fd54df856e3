import type { Clock } from "../models/clock.ts";

/** Where text goes. */
export interface TextStream {
  readonly isTerminal: boolean;
  /** Characters a line of the terminal holds; 80 where that is not known. */
  readonly columns: number;
  /** Does nothing once the reader has gone: that is no error. */
  write(text: string): void;
  /** Resolves when everything has left the process. Throws `disk` when the other end did not take it. */
  flushed(): Promise<void>;
}

/** What came from somebody at the prompt. */
export type Typed =
  /** One line, or several that were pasted at once. `unseen`: it was not shown when it came. */
  | { readonly type: "line"; readonly text: string; readonly unseen: boolean }
  /** Ctrl-C: what stood on the line is gone. */
  | { readonly type: "interrupt" }
  /** Ctrl-D, or there is nobody there any more. */
  | { readonly type: "end" };

/** Lines of standard input, one at a time. While nobody waits for one, Ctrl-C is an interrupt of the process. */
export interface Lines {
  /** Shows the prompt and waits, blocking nothing else; what came early is given first, without a prompt. The abort is an end. */
  next(prompt: string, signal: AbortSignal): Promise<Typed>;
  close(): void;
}

export interface Input {
  /** What standard input is; `none` for `/dev/null` and the like. */
  readonly kind: "terminal" | "file" | "pipe" | "socket" | "none";
  /** Reads on from where it stands; the signal's abort ends it. */
  chunks(signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Asks somebody at the terminal; the empty text when there is no answer. */
  readLine(prompt: string, signal: AbortSignal): Promise<string>;
  /** Line after line, of a terminal or of anything else. Nothing else may read while they are open. */
  lines(): Promise<Lines>;
}

/** What a command needs of the process around it. */
export interface Io {
  readonly stdin: Input;
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly userHome: string;
  /** The current folder, absolute. */
  readonly folder: string;
  readonly clock: Clock;
  /** Calls back on every Ctrl-C and every polite request to end; the result takes that back. */
  onInterrupt(callback: () => void): () => void;
  /** Ends the process on the spot. */
  exitNow(code: number): void;
}
