import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";

// A process takes its time to start where several start at once.
vi.setConfig({ testTimeout: 30_000 });

const command = join(import.meta.dirname, "fake-engine-command.ts");
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

function run(...words: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [command, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  return child;
}

async function failure(...words: readonly string[]): Promise<{ code: unknown; said: string }> {
  const child = run(...words);
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, "close")) as readonly unknown[];
  return { code, said };
}

test.each([
  ["lmstudio", "/v1/models", "qwen"],
  ["ollama", "/api/tags", "qwen"],
  ["llamacpp", "/props", "4321"],
  ["vllm", "/v1/models", "4321"],
  ["sglang", "/get_server_info", "4321"],
])("%s runs as a process until it is told to end", async (engine, path, content) => {
  const child = run(engine, "--port", "0", "--model", "qwen", "--context", "4321");
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as readonly unknown[];
  const origin = /http:\/\/127\.0\.0\.1:\d+/u.exec(String(line))?.[0];
  expect(await (await fetch(`${origin}${path}`)).text()).toContain(content);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

describe("bad input gets one sentence", () => {
  test.each([
    [["lmstudo"], 'There is no engine "lmstudo"; did you mean "lmstudio"?'],
    [[], "Name one engine to pretend: lmstudio, ollama, llamacpp, vllm, sglang"],
    [["vllm", "--slots", "many"], '--slots needs a number from 1, not "many"'],
    [["vllm", "--max-loaded", "2"], "vllm has nothing like --max-loaded"],
    [["vllm", "--nonsense"], "Unknown option '--nonsense'"],
  ])("%j", async (words, sentence) => {
    expect(await failure(...words)).toEqual({ code: 1, said: `massgen-fake-engine: ${sentence}\n` });
  });

  test("a port that is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const { code, said } = await failure("ollama", "--port", String(port));
    taken.close();
    expect([code, said]).toEqual([
      1,
      `massgen-fake-engine: Port ${port} of 127.0.0.1 is taken; stop what listens there or choose another with --port\n`,
    ]);
  });
});
