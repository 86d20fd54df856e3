import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtCommand } from "../built-command.ts";
import { interleaved } from "../measure.ts";
import type { Row } from "../rows.ts";
import { startProgram } from "../start-program.ts";

const ANSWER_MS = 500;
const AGENTS = [1, 3];

/** The whole command, from its start to its exit, over the slowest path through its models. */
export async function measureProcessTime(): Promise<readonly Row[]> {
  const command = builtCommand();
  const folder = mkdtempSync(join(tmpdir(), "massgen-bench-"));
  const server = await startProgram(new URL("../programs/answering-server.ts", import.meta.url), String(ANSWER_MS));
  try {
    const runs = AGENTS.map((agents) => {
      const config = join(folder, `${agents}.json`);
      writeFileSync(config, configFor(agents, server.said));
      return () => wallOf([command, "--config", config, "Why is the sky blue?"], folder);
    });
    const [node = 0, ...walls] = await interleaved(5, [() => wallOf(["-e", "0"], folder), ...runs]);
    return walls.map((wall, index) => {
      const agents = AGENTS[index] ?? 0;
      const path = (agents === 1 ? 1 : 3) * ANSWER_MS;
      return {
        what: `the whole process, ${agents === 1 ? "one agent" : `${agents} agents`} at 0.5 s an answer: over the path`,
        value: (wall - path) / 1_000,
        unit: "s",
        goal: { atMost: 0.35 },
        note: `${(wall / 1_000).toFixed(2)} s for a path of ${path / 1_000} s; node -e 0 took ${node.toFixed(0)} ms in the same minute`,
      };
    });
  } finally {
    server.stop();
    rmSync(folder, { recursive: true });
  }
}

function configFor(agents: number, baseUrl: string): string {
  const backend = { type: "chatcompletion", model: "bench", base_url: baseUrl };
  return JSON.stringify({ agents: Array.from({ length: agents }, (_, index) => ({ id: `agent${index + 1}`, backend })) });
}

async function wallOf(parameters: readonly string[], home: string): Promise<number> {
  const begin = performance.now();
  const child = spawn(process.execPath, parameters, {
    env: { ...process.env, MASSGEN_HOME: home },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stdout.on("data", (part: Buffer) => (said += part.toString()));
  child.stderr.on("data", (part: Buffer) => (said += part.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`the command ended with ${code}: ${said}`);
  return performance.now() - begin;
}
