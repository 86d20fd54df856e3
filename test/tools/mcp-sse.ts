import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { HttpServer } from "./mcp-http.ts";

/** A server as they were before streamable HTTP: a stream to be read, and another address to post to. */
export async function startSseServer(): Promise<HttpServer> {
  const headers: NodeJS.Dict<string | string[]>[] = [];
  let stream: ServerResponse | undefined;
  const server = createServer((request, response) => {
    headers.push(request.headers);
    if (request.method === "GET") {
      stream = response.writeHead(200, { "content-type": "text/event-stream" });
      stream.write("event: endpoint\ndata: /messages?session=1\n\n");
      return;
    }
    if (!(request.url ?? "").startsWith("/messages")) {
      response.writeHead(405).end();
      return;
    }
    void take(request, response, stream);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sse`,
    headers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function take(request: IncomingMessage, response: ServerResponse, stream: ServerResponse | undefined): Promise<void> {
  const { id, method } = JSON.parse(Buffer.concat(await request.toArray()).toString()) as { id?: number; method: string };
  response.writeHead(202).end();
  if (id !== undefined) stream?.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: "2.0", id, result: results[method] })}\n\n`);
}

const results: Readonly<Record<string, object>> = {
  initialize: { protocolVersion: "2024-11-05", capabilities: { tools: {} }, serverInfo: { name: "old", version: "1" } },
  "tools/list": { tools: [{ name: "echo", inputSchema: { type: "object" } }] },
  "tools/call": { content: [{ type: "text", text: "as of old" }] },
};
