import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { NodeStreamableHTTPServerTransport } from "@modelcontextprotocol/node";
import { testServer } from "./mcp-server.ts";

export interface HttpServer {
  readonly url: string;
  /** The headers of every request so far. */
  readonly headers: readonly NodeJS.Dict<string | string[]>[];
  close(): Promise<void>;
}

/** The server over streamable HTTP; it wants `token` as bearer where one is given. */
export async function startHttpServer(token?: string): Promise<HttpServer> {
  const headers: NodeJS.Dict<string | string[]>[] = [];
  const server = createServer((request, response) => {
    headers.push(request.headers);
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
      response.writeHead(401).end();
      return;
    }
    const transport = new NodeStreamableHTTPServerTransport({});
    void testServer()
      .connect(transport)
      .then(() => transport.handleRequest(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    headers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Something that is no MCP server and answers everything with this status, and with another address where one is given. */
export async function startPage(status: number, location?: string): Promise<Omit<HttpServer, "headers">> {
  const more = location === undefined ? {} : { location };
  const server = createServer((_request, response) =>
    response.writeHead(status, { "content-type": "text/html", ...more }).end("<h1>Hello</h1>"),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
