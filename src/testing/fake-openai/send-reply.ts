import type { ServerResponse } from "node:http";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { FakeReply } from "./fake-reply.ts";
import type { Frame } from "./render-frames.ts";

/** Writes a whole body, an error or a document. */
export async function sendBody(response: ServerResponse, reply: FakeReply, body: string | object): Promise<void> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const type = typeof body === "string" ? (body.trimStart().startsWith("<") ? "text/html" : "text/plain") : "application/json";
  response.writeHead(reply.status ?? 200, { "content-type": type, ...reply.headers });
  await write(response, text, { reply, sent: { bytes: 0 } });
  response.end();
}

/** Writes a reply as server-sent events, with the faults that were asked for. */
export async function sendEvents(response: ServerResponse, reply: FakeReply, frames: readonly Frame[]): Promise<void> {
  const output = { reply, sent: { bytes: 0 } };
  response.writeHead(reply.status ?? 200, { "content-type": "text/event-stream", ...reply.headers });
  response.flushHeaders();
  let tokens = 0;
  for (const { token, data } of frames) {
    if (token) {
      await pause(tokens === 0 ? reply.firstTokenAfterMs : reply.betweenTokensMs);
      if ((await beforeToken(response, tokens, output)) === "over") return;
      tokens += 1;
    }
    await write(response, typeof data === "string" ? data : event(JSON.stringify(data), reply), output);
  }
  if (reply.stallAfterTokens !== undefined) return stall(response);
  if (reply.withoutDone !== true) await write(response, event("[DONE]", reply), output);
  response.end();
}

/** The faults that are due before this token; some of them end the reply. */
async function beforeToken(response: ServerResponse, token: number, output: Output): Promise<"over" | "more"> {
  const { stallAfterTokens, malformedAtToken, errorAtToken } = output.reply;
  if (token === malformedAtToken) await write(response, event('{"choices":[{"del', output.reply), output);
  if (token === stallAfterTokens) {
    await stall(response);
    return "over";
  }
  if (token !== errorAtToken?.token) return "more";
  await write(response, event(JSON.stringify(errorAtToken.body), output.reply), output);
  response.end();
  return "over";
}

function event(data: string, { crlf = false, comments = false }: FakeReply): string {
  const end = crlf ? "\r\n" : "\n";
  return `${comments ? `: still here${end}${end}` : ""}data: ${data}${end}${end}`;
}

interface Output {
  readonly reply: FakeReply;
  readonly sent: { bytes: number };
}

async function write(response: ServerResponse, text: string, { reply, sent }: Output): Promise<void> {
  const bytes = Buffer.from(text);
  const size = reply.splitEveryBytes ?? bytes.length;
  for (let from = 0; from < bytes.length && !response.destroyed; from += size) {
    const piece = bytes.subarray(from, from + size);
    const left = (reply.cutAfterBytes ?? Infinity) - sent.bytes;
    sent.bytes += piece.length;
    if (!response.write(piece.subarray(0, Math.max(left, 0)))) await drained(response);
    if (piece.length >= left) {
      await pause(5);
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

/** Says nothing more until the client goes away. */
async function stall(response: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    response.once("close", resolve);
  });
}

async function pause(ms: number | undefined): Promise<void> {
  if (ms !== undefined) await sleep(ms);
}
