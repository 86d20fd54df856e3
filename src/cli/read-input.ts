import { MassgenError } from "../core/errors.ts";
import type { Clock } from "../models/clock.ts";
import type { Input } from "./io.ts";
import { isBlank } from "./question.ts";

/** Programs that start others often leave a socket open that nothing ever comes from; pipes are mostly somebody's output. */
const FIRST_BYTE_MS: Readonly<Partial<Record<Input["kind"], number>>> = { socket: 1_000, pipe: 5_000 };

/** How long the first piece of an input is waited for, in milliseconds. */
export function firstByteMs(kind: Input["kind"]): number {
  return FIRST_BYTE_MS[kind] ?? STALL_MS;
}

/** Between two pieces, once something came. */
const STALL_MS = 60_000;
const MOST_BYTES = 8 * 1024 * 1024;

export type InputRead =
  | { readonly type: "text"; readonly text: string }
  /** There is nothing to read, or nothing in it. */
  | { readonly type: "empty" }
  /** It is open, yet nothing came in time. */
  | { readonly type: "silent"; readonly afterMs: number };

/** Reads standard input to its end where it is not a terminal; never waits for ever. Throws `usage` for what is no text. */
export async function readInput(input: Input, clock: Clock, interrupt: AbortSignal): Promise<InputRead> {
  if (input.kind === "terminal" || input.kind === "none") return { type: "empty" };
  const longest = firstByteMs(input.kind);
  const controller = new AbortController();
  const signal = AbortSignal.any([controller.signal, interrupt]);
  let cancel = clock.schedule(clock.now() + longest, () => controller.abort());
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of untilAborted(input.chunks(signal), signal)) {
      cancel();
      cancel = clock.schedule(clock.now() + STALL_MS, () => controller.abort());
      pieces.push(piece);
      size += piece.length;
      if (size > MOST_BYTES) throw unusable("Standard input is larger than 8 MB.", "Cut it down to what matters for the question.");
    }
  } finally {
    cancel();
  }
  interrupt.throwIfAborted();
  if (!controller.signal.aborted) return decoded(pieces);
  if (pieces.length === 0) return { type: "silent", afterMs: longest };
  throw unusable(
    "Standard input stopped in the middle: it is still open, yet nothing came for 60 seconds.",
    "Close it, or leave it out: massgen … < /dev/null",
  );
}

/** Ends at once with the abort, also where the source does not. */
async function* untilAborted(source: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  const iterator = source[Symbol.asyncIterator]();
  const aborted = new Promise<{ readonly done: true; readonly value: undefined }>((resolve) => {
    signal.addEventListener("abort", () => resolve({ done: true, value: undefined }), { once: true });
  });
  for (;;) {
    const next = await Promise.race([iterator.next(), aborted]);
    if (next.done === true) return;
    yield next.value;
  }
}

function decoded(pieces: readonly Uint8Array[]): InputRead {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(pieces));
  } catch {
    throw unusable("Standard input is not UTF-8 text.", "Convert it first, or leave it out: massgen … < /dev/null");
  }
  if (text.includes("\0")) throw unusable("Standard input is not text: it holds zero bytes.", "Leave it out: massgen … < /dev/null");
  return isBlank(text) ? { type: "empty" } : { type: "text", text };
}

function unusable(sentence: string, hint: string): MassgenError {
  return new MassgenError("usage", sentence, { hint });
}
