import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** A server between us and an engine that hands everything on and writes it down. */
export interface Recorder {
  readonly origin: string;
  close(): Promise<void>;
}

/**
 * @param folder gets `0001-post-api-chat.request.json` and `.response.txt` for each exchange, in the form of the recorded fixtures
 * @param secret is blanked wherever it stands; headers of requests are not written down at all
 */
export async function startRecorder(baseUrl: string, folder: string, secret: string | undefined): Promise<Recorder> {
  await mkdir(folder, { recursive: true });
  let exchanges = 0;
  const clean = (said: string): string => withoutPaths(secret === undefined ? said : said.replaceAll(secret, "***"));
  const write = (name: string, said: string): Promise<void> => writeFile(`${folder}/${name}`, `${clean(said)}\n`);

  const handOn = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "GET", url: path = "/" } = request;
    exchanges += 1;
    const name = `${String(exchanges).padStart(4, "0")}-${method}${path}`.toLowerCase().replaceAll(/[^a-z0-9]+/gu, "-");
    const body = await text(request);
    await write(`${name}.request.json`, JSON.stringify({ method, path, headers: [], ...bodyOf(body) }, undefined, 1));
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const { authorization, "content-type": type } = request.headers;
    const headers = { ...(authorization === undefined ? {} : { authorization }), ...(type === undefined ? {} : { "content-type": type }) };
    const answer = await fetch(new URL(path, baseUrl), { method, headers, signal: gone.signal, ...(body === "" ? {} : { body }) });
    const contentType = answer.headers.get("content-type") ?? "text/plain";
    response.writeHead(answer.status, { "content-type": contentType });
    const said: Uint8Array[] = [];
    try {
      for await (const bytes of answer.body ?? []) {
        said.push(bytes);
        response.write(bytes);
      }
      response.end();
    } finally {
      const head = `HTTP/1.1 ${answer.status} ${answer.statusText}\nContent-Type: ${contentType}`;
      await write(`${name}.response.txt`, `${head}\n\n${Buffer.concat(said).toString()}`);
    }
  };

  // Whoever left is not told anything, and an engine that is not there looks as it would without us.
  const server = createServer((request, response) => void handOn(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function bodyOf(body: string): object {
  if (body === "") return {};
  try {
    return { body: JSON.parse(body) as unknown };
  } catch {
    return { raw_body: body };
  }
}

/** Absolute paths name people and machines: their last part is enough. */
export function withoutPaths(said: string): string {
  return said
    .replaceAll(/(?<![\w.])\/(?:home|Users|root|opt|usr|var|tmp|mnt|media|data|srv)\/[^\s"'\\]*/gu, (path) => `./${path.split("/").at(-1)}`)
    .replaceAll(/(?<!\w)[A-Za-z]:(?:\\{1,2}[^\s"'\\]+)+/gu, (path) => `./${path.split("\\").at(-1)}`);
}
