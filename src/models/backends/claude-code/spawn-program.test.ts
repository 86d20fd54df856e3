import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createProgram, type Program } from "./spawn-program.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "massgen-spawn-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const env = { PATH: process.env["PATH"] };

function started(script: string, apiKey?: string) {
  const programs: Program[] = [];
  const program = createProgram(apiKey, (each) => programs.push(each));
  const child = program.spawn({ command: "/bin/sh", args: ["-c", script], cwd: folder, env, signal: new AbortController().signal });
  expect(programs).toEqual([program]);
  return { program, child };
}

async function outputOf(script: string, apiKey?: string): Promise<string> {
  const { program, child } = started(script, apiKey);
  child.stdin.end("asked");
  let output = "";
  const closed = once(child.stdout, "close");
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await Promise.all([program.gone(), closed]);
  return output;
}

describe.skipIf(process.platform === "win32")("the program of a call (skipped on Windows, which has no such groups)", () => {
  test("has its streams, and its key in no variable but behind a descriptor that its file's name does not survive", async () => {
    expect(await outputOf("cat")).toBe("asked");
    const [variables, key] = (await outputOf("env; echo ---; cat /dev/fd/3", "sk-ant-secret")).split("---\n");
    expect(variables).toContain("CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR=3");
    expect(variables).not.toContain("sk-ant-secret");
    expect(key).toBe("sk-ant-secret");
  });

  test("says how it ended", async () => {
    const { program, child } = started("exit 7");
    await program.gone();
    expect(child.exitCode).toBe(7);
    await program.kill();
  });

  test("is asked to end, and killed when it does not", { timeout: 20_000 }, async () => {
    const polite = started(`trap 'echo bye > ${folder}/bye; exit 0' TERM; echo > ${folder}/ready; while :; do sleep 0.05; done`);
    await expect.poll(() => existsSync(join(folder, "ready"))).toBe(true);
    await polite.program.kill();
    expect(readFileSync(join(folder, "bye"), "utf8")).toBe("bye\n");
    const stubborn = started(`trap '' TERM; echo $$ > ${folder}/pid; while :; do sleep 0.05; done`);
    await expect.poll(() => existsSync(join(folder, "pid"))).toBe(true);
    await stubborn.program.kill();
    expect(isThere(Number(readFileSync(join(folder, "pid"), "utf8")))).toBe(false);
  });

  test("that never started has nothing to end", async () => {
    const program = createProgram(undefined, () => undefined);
    await Promise.all([program.kill(), program.gone()]);
    expect(folder).not.toBe("");
  });

  test("ends with us, also when we are killed", { timeout: 20_000 }, async () => {
    const marker = join(folder, "marker");
    const script = `
      import { createProgram } from ${JSON.stringify(new URL("spawn-program.ts", import.meta.url).href)};
      createProgram(undefined, () => {}).spawn({ command: "/bin/sh", args: ["-c", "echo $$ > ${marker}; exec sleep 60"], env: process.env });
      setInterval(() => {}, 1000);`;
    const us = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "ignore" });
    await expect.poll(() => (existsSync(marker) ? readFileSync(marker, "utf8") : ""), { timeout: 10_000 }).toMatch(/^\d+\n/u);
    const pid = Number(readFileSync(marker, "utf8"));
    us.kill("SIGKILL");
    await expect.poll(() => isThere(pid), { timeout: 10_000 }).toBe(false);
  });
});

function isThere(pid: number): boolean {
  try {
    return !execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).startsWith("Z");
  } catch {
    return false;
  }
}
