/**
 * A server whose own work costs nothing that counts: replies of any number of deltas from bytes that are there before the first request.
 * `http://…/DELTAS/PACE/v1/chat/completions`; `burst` writes as fast as the socket takes, `paced` one delta a millisecond. In both an
 * event is an HTTP chunk of its own, as llama.cpp, vLLM and LM Studio write them. Prints its address.
 */
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
const END = "0\r\n\r\n";
const WORDS = ["The ", "light ", "of ", "the ", "sun ", "is ", "scattered ", "by ", "the ", "air", ", ", "most ", "of ", "all ", "blue"];
/** Numbered, so that no reply is taken for a loop and cut. */
const SENTENCES = Array.from({ length: 64 }, (_, index) => [...WORDS, ` (${index}).\\n`]);

function event(delta: string, finish: string): string {
  const data =
    `data: {"choices":[{"finish_reason":${finish},"index":0,"delta":${delta}}],"created":1790000000,"id":"chatcmpl-Wz5hBwq8",` +
    `"model":"bench","system_fingerprint":"b1-0a1b2c3","object":"chat.completion.chunk"}\n\n`;
  return `${Buffer.byteLength(data).toString(16)}\r\n${data}\r\n`;
}

const first = event('{"role":"assistant","content":null}', "null");
const pieces = SENTENCES.flat().map((word) => event(`{"content":"${word}"}`, "null"));
const last = `${event("{}", '"stop"')}e\r\ndata: [DONE]\n\n\r\n${END}`;

const bursts = new Map<number, Buffer>();

function burst(deltas: number): Buffer {
  const known = bursts.get(deltas);
  if (known !== undefined) return known;
  const bytes = Buffer.from(HEAD + first + Array.from({ length: deltas }, (_, index) => pieces[index % pieces.length]).join("") + last);
  bursts.set(deltas, bytes);
  return bytes;
}

async function paced(socket: Socket, deltas: number): Promise<void> {
  socket.setNoDelay(true);
  socket.write(HEAD + first);
  for (let index = 0; index < deltas && !socket.destroyed; index += 1) {
    socket.write(pieces[index % pieces.length] ?? "");
    await sleep(1);
  }
  socket.end(last);
}

const server = createServer((request) => {
  const [, deltas = "1", pace] = (request.url ?? "").split("/");
  request.resume().on("end", () => {
    if (pace === "paced") void paced(request.socket, Number(deltas));
    else request.socket.end(burst(Number(deltas)));
  });
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
