import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { confinedTo, toolOf } from "./permissions.ts";

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "massgen-permissions-"));
  mkdirSync(join(root, "own"));
  writeFileSync(join(root, "secret"), "");
  symlinkSync(root, join(root, "own", "out"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function asked(tool: string, input: Record<string, unknown>, mayRunAnything = false) {
  const decide = confinedTo({ folder: join(root, "own"), mayRunAnything });
  return (await decide(tool, input, { signal: new AbortController().signal, toolUseID: "1", requestId: "1" }))?.behavior;
}

test.each([
  ["Write", "a.txt", "allow"],
  ["Write", "deep/er/a.txt", "allow"],
  ["Edit", "../secret", "deny"],
  ["Read", "/etc/hostname", "deny"],
  ["Read", "out/secret", "deny"],
  ["Write", "out/not/there/yet", "deny"],
])("%s of %s: %s", async (tool, path, behavior) => {
  expect(await asked(tool, { file_path: path })).toBe(behavior);
  expect(await asked(tool, { notebook_path: path })).toBe(behavior);
});

test("what names no path is allowed; commands only where the config itself names them", async () => {
  expect(await asked("WebFetch", { url: "https://example.org" })).toBe("allow");
  expect(await asked("mcp__massgen__read", { path: "/elsewhere" })).toBe("allow");
  expect(await asked("Bash", { command: "ls" })).toBe("deny");
  expect(await asked("Bash", { command: "ls" }, true)).toBe("allow");
});

test("a rule is about its tool", () => {
  expect([toolOf("Bash(git *)"), toolOf("Read")]).toEqual(["Bash", "Read"]);
});
