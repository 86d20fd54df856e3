import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isLeftToGit } from "./is-left-to-git.ts";

let folder = "";
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "massgen-git-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("git takes what is in a repository and is not ignored there", async () => {
  const path = join(folder, ".env");
  expect(await isLeftToGit(path)).toBe(false);
  execFileSync("git", ["init", "--quiet", folder]);
  expect(await isLeftToGit(path)).toBe(true);
  writeFileSync(join(folder, ".gitignore"), ".env\n");
  expect(await isLeftToGit(path)).toBe(false);
});
