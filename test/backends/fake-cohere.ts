import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { listen, stop } from "../../src/testing/fake-openai/listen.ts";

/** A request of Cohere's chat interface, version 2. */
export interface CohereRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: {
    readonly model: string;
    readonly messages: readonly { readonly role: string; readonly content?: unknown }[];
    readonly response_format?: { readonly type: string; readonly json_schema?: unknown };
    readonly [field: string]: unknown;
  };
}

export interface FakeCohere {
  readonly baseUrl: string;
  readonly requests: readonly CohereRequest[];
  close(): Promise<void>;
}

/** A server on 127.0.0.1 that streams what `reply` says as Cohere does, a word at a time; a number is an HTTP status that it refuses with. */
export async function startFakeCohere(reply: (request: CohereRequest) => string | number): Promise<FakeCohere> {
  const requests: CohereRequest[] = [];
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = JSON.parse(await text(incoming)) as CohereRequest["body"];
    const request = { path: incoming.url ?? "", authorization: incoming.headers.authorization, body };
    requests.push(request);
    const said = reply(request);
    if (typeof said === "string") await stream(response, said);
    else response.writeHead(said, { "content-type": "application/json" }).end(JSON.stringify({ id: "e1", message: `status ${said}` }));
  };
  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });
  await listen(server, 0);
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2`, requests, close: () => stop(server) };
}

async function stream(response: ServerResponse, said: string): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = (type: string, rest: object): boolean => response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`);
  const words = said.match(/\s*\S+/gu) ?? [];
  const tokens = { input_tokens: 20, output_tokens: words.length };
  send("message-start", { id: "c1", delta: { message: { role: "assistant", content: [], tool_plan: "", tool_calls: [], citations: [] } } });
  send("content-start", { index: 0, delta: { message: { content: { type: "text", text: "" } } } });
  for (const word of words) {
    if (response.destroyed) return;
    send("content-delta", { index: 0, delta: { message: { content: { text: word } } } });
    await sleep(0);
  }
  send("content-end", { index: 0 });
  send("message-end", { delta: { finish_reason: "COMPLETE", usage: { billed_units: tokens, tokens } } });
  response.end("data: [DONE]\n\n");
}
