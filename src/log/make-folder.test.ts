import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeFolder } from "./make-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "massgen-folder-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

it("makes a folder for its user alone, with those above it", () => {
  makeFolder(join(folder, "a", "b"));
  makeFolder(join(folder, "a", "b"));
  for (const path of [join(folder, "a"), join(folder, "a", "b")]) expect(statSync(path).mode & 0o777).toBe(0o700);
});

it("says that a file stands there", () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  expect(() => {
    makeFolder(file);
  }).toThrow(expect.objectContaining({ code: "EEXIST" }));
});

it.skipIf(!existsSync("/proc/self"))("gives up where the system takes no folders (skipped where there is no /proc)", () => {
  expect(() => {
    makeFolder("/proc/massgen/data");
  }).toThrow(expect.objectContaining({ code: "ENOENT" }));
});
