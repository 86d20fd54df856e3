/** Installs the packed package in an empty folder and uses it from there: its version, a whole run against a fake engine, a preset. */
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startFakeOpenAI } from "../src/testing/index.ts";

const folder = mkdtempSync(join(tmpdir(), "massgen-package-"));
const npm = (...words: readonly string[]): string =>
  execFileSync("npm", words, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { readonly version: string };

const server = await startFakeOpenAI({
  models: ["fake"],
  reply: ({ body }) => ({ text: body.response_format === undefined ? "Forty-two." : '{"reason":"it is right","choice":"A"}' }),
});
try {
  const [packed] = JSON.parse(npm("pack", "--json", resolve("."))) as readonly { readonly filename: string; readonly size: number }[];
  if (packed === undefined) throw new Error("npm pack made no file");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "somebody", private: true, type: "module" }));
  npm("install", "--no-audit", "--no-fund", `./${packed.filename}`);
  const massgen = async (...words: readonly string[]): Promise<string> => run(join(folder, "node_modules/.bin/massgen"), words);
  expect(await massgen("--version"), version);
  expect(await massgen("--backend", "chatcompletion", "--base-url", server.baseUrl, "--model", "fake", "What is it?"), "Forty-two.");
  const planned = await massgen("--config", "offline", "--dry-run", "--json");
  expect(String((JSON.parse(planned) as { readonly agents: readonly unknown[] }).agents.length), "3");
  expect(
    await run(process.execPath, [
      "--input-type=module",
      "-e",
      'import { createCouncil } from "massgen"; console.log(typeof createCouncil)',
    ]),
    "function",
  );
  process.stdout.write(`the package works where it is installed (${Math.round(packed.size / 1024)} KB)\n`);
} finally {
  await server.close();
  rmSync(folder, { recursive: true });
}

/** In a process of its own, while the fake server goes on in this one. */
function run(command: string, words: readonly string[]): Promise<string> {
  return new Promise((done, failed) => {
    const child = execFile(
      command,
      words,
      { cwd: folder, env: { ...process.env, MASSGEN_HOME: join(folder, "home") } },
      (error, stdout, stderr) =>
        error === null ? done(stdout.trim()) : failed(new Error(`${command} ${words.join(" ")}: ${stderr}`, { cause: error })),
    );
    child.stdin?.end();
  });
}

function expect(found: string, wanted: string): void {
  if (found !== wanted) throw new Error(`expected ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`);
}
