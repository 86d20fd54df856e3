/**
 * Stands before a llama-server and takes down when each call came, when it was over, and what the engine itself says it took. Parameter: the
 * engine's origin. Prints its own; `GET /taken` answers with all calls so far as JSON, in milliseconds.
 */
import { createServer, request as ask, Agent, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const origin = new URL(process.argv[2] ?? "");
const agent = new Agent({ keepAlive: true });
const taken: { readonly from: number; readonly to: number; readonly promptMs: number; readonly writingMs: number }[] = [];

function timing(text: string, name: string): number {
  return Number(new RegExp(`"${name}":([\\d.]+)`, "u").exec(text)?.[1] ?? 0);
}

function pass(incoming: IncomingMessage, response: ServerResponse): void {
  const from = performance.now();
  const { method, url, headers } = incoming;
  const onward = ask({ agent, host: origin.hostname, port: origin.port, method, path: url, headers }, (answer) => {
    let end = "";
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.on("data", (chunk: Buffer) => {
      response.write(chunk);
      end = (end + chunk.toString("latin1")).slice(-8_000);
    });
    answer.on("end", () => {
      response.end();
      if (!end.includes('"predicted_ms"')) return;
      taken.push({ from, to: performance.now(), promptMs: timing(end, "prompt_ms"), writingMs: timing(end, "predicted_ms") });
    });
  });
  onward.setNoDelay(true);
  onward.on("error", () => response.destroy());
  incoming.pipe(onward);
}

const server = createServer((incoming, response) => {
  if (incoming.url === "/taken") response.end(JSON.stringify(taken));
  else pass(incoming, response);
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
