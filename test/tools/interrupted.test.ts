import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { startFakeOpenAI } from "../../src/testing/fake-openai-server.ts";
import { workplace } from "../cli/massgen.ts";
import { isAlive } from "./is-alive.ts";

const place = workplace();
afterAll(() => place.remove());
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

it("a server that will not leave, and what it has started, end with a command that is interrupted twice", async () => {
  const model = await startFakeOpenAI({ reply: { toolCalls: ["process", "hang"].map((name) => ({ name, arguments: {} })) } });
  const server = { command: process.execPath, args: [here("mcp-stdio.ts"), "launcher"] };
  const backend = { type: "chatcompletion", model: "fake", base_url: model.baseUrl };
  const config = place.write("council.json", JSON.stringify({ agent: { backend, mcp_servers: { stubborn: server } } }));
  const command = spawn(process.execPath, [here("../../src/cli/main.ts"), "--config", config, "--json", "Why?"], {
    env: { ...process.env, MASSGEN_HOME: place.folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [events, told] = ["", ""];
  command.stdout.on("data", (chunk: Buffer) => (events += chunk.toString()));
  command.stderr.on("data", (chunk: Buffer) => (told += chunk.toString()));
  const exited = new Promise<NodeJS.Signals | number | null>((resolve) => command.once("exit", (code, signal) => resolve(signal ?? code)));
  await expect.poll(() => events, { timeout: 15_000 }).toContain('"tool-settled"');
  const pid = Number(/"type":"result","text":"(\d+)"/u.exec(events)?.[1]);
  expect(isAlive(pid)).toBe(true);
  command.kill("SIGINT");
  await expect.poll(() => told, { timeout: 15_000 }).toContain("The run was stopped");
  command.kill("SIGINT");
  expect(await exited).toBe("SIGINT");
  await expect.poll(() => isAlive(pid)).toBe(false);
  await model.close();
}, 40_000);
