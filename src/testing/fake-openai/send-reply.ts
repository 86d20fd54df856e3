import type { ServerResponse } from "node:http";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { FakeReply } from "./fake-reply.ts";
import type { Frame } from "./render-frames.ts";

/** How frames become bytes. */
interface Wire {
  readonly contentType: string;
  readonly frame: (json: string, reply: FakeReply) => string;
  /** What ends a stream that went well. */
  readonly done?: string;
}

export const sse: Wire = { contentType: "text/event-stream", frame: event, done: "[DONE]" };
export const ndjson: Wire = { contentType: "application/x-ndjson", frame: (json) => `${json}\n` };
/** Events that carry their own names, and an end of their own. */
export const namedEvents: Wire = { contentType: "text/event-stream", frame: event };

/** Events whose name is their type, as the interfaces of Anthropic and OpenAI's Responses have them. */
export const typedEvents: Wire = {
  contentType: "text/event-stream",
  frame: (json, { crlf = false, comments = false }) => {
    const end = crlf ? "\r\n" : "\n";
    const name = /"type":"([\w.]+)"/u.exec(json)?.[1] ?? "message";
    return `${comments ? `: still here${end}${end}` : ""}event: ${name}${end}data: ${json}${end}${end}`;
  },
};

/** What an engine adds to a reply's own pace. */
export interface Flow {
  readonly wire?: Wire;
  /** Every wait ends with its reason. */
  readonly stop?: AbortSignal;
  /** A comment after so many silent milliseconds. */
  readonly pingMs?: number | undefined;
  /** Whether `[DONE]` also follows an error. */
  readonly doneAfterError?: boolean;
}

/** Writes a whole body, an error or a document. */
export async function sendBody(response: ServerResponse, reply: FakeReply, body: string | object): Promise<void> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const type = typeof body === "string" ? (body.trimStart().startsWith("<") ? "text/html" : "text/plain") : "application/json";
  response.writeHead(reply.status ?? 200, { "content-type": type, ...reply.headers });
  await write(response, text, { reply, flow: {}, sent: { bytes: 0 } });
  response.end();
}

/** Sends the headers of a stream. */
export function openStream(response: ServerResponse, reply: FakeReply, { wire = sse }: Flow = {}): void {
  response.writeHead(reply.status ?? 200, { "content-type": wire.contentType, ...reply.headers });
  response.flushHeaders();
}

/** Writes a reply frame by frame, with the faults that were asked for. */
export async function sendEvents(response: ServerResponse, reply: FakeReply, frames: readonly Frame[], flow: Flow = {}): Promise<void> {
  const { wire = sse } = flow;
  const output = { reply, flow, sent: { bytes: 0 } };
  if (!response.headersSent) openStream(response, reply, flow);
  let tokens = 0;
  for (const { token, data } of frames) {
    if (token) {
      await pause(response, tokens === 0 ? reply.firstTokenAfterMs : reply.betweenTokensMs, flow);
      if ((await beforeToken(response, tokens, output)) === "over") return;
      tokens += 1;
    }
    await write(response, typeof data === "string" ? data : wire.frame(JSON.stringify(data), reply), output);
  }
  if (reply.stallAfterTokens !== undefined) return stall(response, flow);
  if (reply.withoutDone !== true && wire.done !== undefined) await write(response, wire.frame(wire.done, reply), output);
  response.end();
}

/** Ends a stream that has begun with an error. */
export function endWithError(response: ServerResponse, reply: FakeReply, body: object, { wire = sse, doneAfterError }: Flow): void {
  response.write(wire.frame(JSON.stringify(body), reply));
  if (doneAfterError === true && wire.done !== undefined) response.write(wire.frame(wire.done, reply));
  response.end();
}

/** The faults that are due before this token; some of them end the reply. */
async function beforeToken(response: ServerResponse, token: number, output: Output): Promise<"over" | "more"> {
  const { reply, flow } = output;
  const { wire = sse } = flow;
  if (token === reply.malformedAtToken) await write(response, wire.frame('{"choices":[{"del', reply), output);
  if (token === reply.stallAfterTokens) {
    await stall(response, flow);
    return "over";
  }
  if (token !== reply.errorAtToken?.token) return "more";
  endWithError(response, reply, reply.errorAtToken.body as object, flow);
  return "over";
}

function event(data: string, { crlf = false, comments = false }: FakeReply): string {
  const end = crlf ? "\r\n" : "\n";
  return `${comments ? `: still here${end}${end}` : ""}data: ${data}${end}${end}`;
}

interface Output {
  readonly reply: FakeReply;
  readonly flow: Flow;
  readonly sent: { bytes: number };
}

async function write(response: ServerResponse, text: string, { reply, flow, sent }: Output): Promise<void> {
  const bytes = Buffer.from(text);
  const size = reply.splitEveryBytes ?? bytes.length;
  for (let from = 0; from < bytes.length && !response.destroyed; from += size) {
    const piece = bytes.subarray(from, from + size);
    const left = (reply.cutAfterBytes ?? Infinity) - sent.bytes;
    sent.bytes += piece.length;
    if (!response.write(piece.subarray(0, Math.max(left, 0)))) await drained(response);
    if (piece.length >= left) {
      await pause(response, 5, flow);
      response.destroy();
    } else if (reply.splitEveryBytes !== undefined) {
      // Another turn of the event loop, or the pieces would travel together.
      await nextTurn();
    }
  }
}

/** A client that reads slowly, or went away, holds us back. */
async function drained(response: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    const settle = (): void => {
      response.off("drain", settle).off("close", settle);
      resolve();
    };
    response.once("drain", settle).once("close", settle);
  });
}

/** Says nothing more until the client goes away or the engine stops it. */
export async function stall(response: ServerResponse, { stop }: Flow): Promise<void> {
  await new Promise<void>((resolve) => {
    if (response.closed) resolve();
    response.once("close", resolve);
    stop?.addEventListener("abort", () => resolve(), { once: true });
  });
  stop?.throwIfAborted();
}

/** Waits, with comments on a stream that has begun; rejects with the reason of `stop`. */
export async function pause(response: ServerResponse, ms: number | undefined, { stop, pingMs = Infinity }: Flow): Promise<void> {
  stop?.throwIfAborted();
  if (ms === undefined || ms === 0) return;
  for (let left = ms; left >= 0; left -= pingMs) {
    await sleep(Math.min(left, pingMs), undefined, stop === undefined ? {} : { signal: stop }).catch(() => undefined);
    stop?.throwIfAborted();
    if (left > pingMs && response.headersSent) response.write(":\n\n");
    if (left <= pingMs) return;
  }
}
