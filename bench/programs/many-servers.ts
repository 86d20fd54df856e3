/**
 * What a person may have at the addresses of a config. Parameters: servers that take a connection and never answer, servers that answer as
 * something else, then pretended engines of every kind in `KINDS`. Prints their addresses as JSON, `{ silent, others, engines: [{ kind, origin }] }`.
 */
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { startFakeLlamaCpp } from "../../src/testing/fake-engines/llamacpp/start-fake-llama-cpp.ts";
import { startFakeLmStudio } from "../../src/testing/fake-engines/lmstudio/start-fake-lm-studio.ts";
import { startFakeOllama } from "../../src/testing/fake-engines/ollama/start-fake-ollama.ts";
import { startFakeSglang } from "../../src/testing/fake-engines/sglang/start-fake-sglang.ts";
import { startFakeVllm } from "../../src/testing/fake-engines/vllm/start-fake-vllm.ts";

const KINDS = {
  lmstudio: startFakeLmStudio,
  llamacpp: startFakeLlamaCpp,
  ollama: startFakeOllama,
  vllm: startFakeVllm,
  sglang: startFakeSglang,
};
const [silent, others, engines] = process.argv.slice(2).map(Number);

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function times<Value>(count: number | undefined, make: (index: number) => Promise<Value>): Promise<readonly Value[]> {
  return Promise.all(Array.from({ length: count ?? 0 }, (_, index) => make(index)));
}

async function pretended(index: number): Promise<{ readonly kind: string; readonly origin: string }> {
  const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];
  const kind = kinds[index % kinds.length] ?? "llamacpp";
  return { kind, origin: (await KINDS[kind]({ models: ["bench"] })).origin };
}

const page = "<!doctype html><html><head><title>Router</title></head><body>Sign in</body></html>";
const found = {
  silent: await times(silent, () => listening(createServer())),
  others: await times(others, () => listening(createHttpServer((_, response) => response.end(page)))),
  engines: await times(engines, pretended),
};
process.stdout.write(`${JSON.stringify(found)}\n`);
