import type { ReadableStreamDefaultReader } from "node:stream/web";
import { createParser } from "eventsource-parser";
import { withoutSecrets } from "../../http/without-secrets.ts";
import { createChunkNormaliser } from "./normalise-chunk.ts";
import { isJson, parseJson, type Json } from "./wire.ts";

/** A frame of more characters than this is no frame. */
const LONGEST_FRAME = 32_000_000;
/** What a server may still send after its reply is over, in milliseconds, before we close. */
const GRACE_MS = 1500;

/** A chunk with one piece of text or thinking and nothing else that matters: nearly all of them. */
const PLAIN =
  /^\{[^{}[\]]*"choices":\[\{[^{}[\]]*"delta":\{(?:"role":"assistant",)?"(content|reasoning_content|reasoning)":"((?:[^"\\]|\\.)+)"\}[^{}[\]]*\}\][^{}[\]]*\}$/u;

/** A piece of text as it stands between the quotes of its JSON. */
interface Piece {
  readonly field: string;
  readonly escaped: string;
}

/** What a plain chunk says, without parsing it; nothing for any other. */
function pieceOf(data: string): Piece | undefined {
  const [, field, escaped] = PLAIN.exec(data) ?? [];
  if (field === undefined || escaped === undefined) return undefined;
  return data.includes('"finish_reason":"') || data.includes('"error":') ? undefined : { field, escaped };
}

/**
 * Server-sent events of any server as clean events that the SDK reads: one JSON chunk each, `[DONE]` last.
 * Where the server ended its reply without saying how, `[DONE]` counts as `stop`; a stream that just breaks off stays without an end.
 */
function createFrameNormaliser(): { feed(text: string): string; end(): string; readonly done: boolean; readonly finished: boolean } {
  const chunks = createChunkNormaliser();
  let out = "";
  let done = false;
  let waiting: Piece | undefined;

  const emit = (chunk: Json | undefined): void => {
    if (chunk !== undefined) out += `data: ${JSON.stringify(chunk)}\n\n`;
  };
  const finish = (): void => {
    emit(chunks.ending());
    out += "data: [DONE]\n\n";
    done = true;
  };
  const takeValue = (value: unknown, event: string | undefined): void => {
    if (isJson(value)) emit(chunks.normalise(event === "error" && !("error" in value) ? { error: value } : value));
    else if (event === "error") emit({ error: { message: JSON.stringify(value) } });
  };
  // Pieces that travelled together go on together: reading each by itself costs more than all the rest.
  const takePiece = (piece: Piece): void => {
    chunks.passed();
    if (waiting?.field !== piece.field) emitPiece();
    waiting = { field: piece.field, escaped: (waiting?.escaped ?? "") + piece.escaped };
  };
  const emitPiece = (): void => {
    if (waiting !== undefined) out += `data: {"choices":[{"delta":{"${waiting.field}":"${waiting.escaped}"}}]}\n\n`;
    waiting = undefined;
  };
  const take = (data: string, event: string | undefined): void => {
    if (done || data === "") return;
    if (data.trim() === "[DONE]") {
      emitPiece();
      return finish();
    }
    const piece = event === undefined ? pieceOf(data) : undefined;
    if (piece !== undefined) return takePiece(piece);
    emitPiece();
    const value = parseJson(data);
    if (value !== undefined) return takeValue(value, event);
    const glued = data.split(/\n|(?<=\})\s*(?:data:\s?|(?=\{))/u);
    if (glued.length > 1) for (const part of glued) take(part, event);
    else if (event === "error") emit({ error: { message: data } });
    else out += `data: ${data}\n\n`;
  };

  const parser = createParser({
    maxBufferSize: LONGEST_FRAME,
    onEvent: ({ data, event }) => take(data, event),
    // Comments are how an engine shows that it is alive while it reads a long prompt.
    onComment: () => emit({ choices: [], massgen: {} }),
    // Old builds of llama.cpp put errors into a field of their own.
    onError: ({ field, value }) => {
      if (field === "error" && value !== undefined) takeValue(parseJson(value) ?? value, "error");
    },
  });
  const drained = (): string => {
    emitPiece();
    const text = out;
    out = "";
    return text;
  };

  return {
    get done() {
      return done;
    },
    get finished() {
      return chunks.finished;
    },
    feed(text) {
      parser.feed(text);
      return drained();
    },
    end() {
      // The blank line after the last event is missing in some streams; half an event is none.
      parser.feed("\n\n");
      const last = drained();
      return isBroken(last) ? "" : last;
    },
  };
}

function isBroken(event: string): boolean {
  return event !== "" && !event.endsWith("data: [DONE]\n\n") && parseJson(event.slice("data: ".length)) === undefined;
}

/**
 * @param head what was read of the body before
 * @param secrets texts that are blanked
 */
export function normaliseStream(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  head: readonly Uint8Array[],
  secrets: readonly string[],
): ReadableStream<Uint8Array> {
  const frames = createFrameNormaliser();
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  const ahead = [...head];

  const read = async (): Promise<Uint8Array | undefined> => {
    const first = ahead.shift();
    if (first !== undefined) return first;
    const next = reader.read();
    const { value } = frames.finished ? await Promise.race([next, grace(next)]) : await next;
    return value;
  };

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (let out = ""; out === "";) {
          const bytes = await read();
          out = bytes === undefined ? frames.feed(decoder.decode()) + frames.end() : frames.feed(decoder.decode(bytes, { stream: true }));
          if (out !== "") controller.enqueue(encoder.encode(withoutSecrets(out, secrets)));
          if (bytes !== undefined && !frames.done) continue;
          controller.close();
          void drain(reader);
          return;
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** A reply that is over is not waited for: whoever keeps the connection open gets a moment for the usage. */
async function grace(next: Promise<unknown>): Promise<{ readonly value: undefined }> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, GRACE_MS);
    const clear = (): void => clearTimeout(timer);
    next.then(clear, clear);
  });
  return { value: undefined };
}

/** Reads on to the end of a body that is over, so that its connection can be used again. */
async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const close = (): void => void reader.cancel().catch(() => {});
  const timer = setTimeout(close, GRACE_MS);
  timer.unref();
  try {
    while (!(await reader.read()).done);
  } catch {
    // The reply is complete; how its connection ends is nobody's business any more.
  } finally {
    clearTimeout(timer);
  }
}
