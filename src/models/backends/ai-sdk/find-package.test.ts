import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { folderWith } from "../../../../test/backends/installed-packages.ts";
import { findPackage, isPackageName } from "./find-package.ts";

const entryOf = (manifest: object): string => {
  const folder = folderWith({ thing: "" }, manifest);
  return fileURLToPath(findPackage("thing", [folder])?.entry ?? "file:///none").slice(folder.length);
};

test.each([
  [{}, "index.js"],
  [{ main: "./lib.cjs" }, "lib.cjs"],
  [{ exports: "./lib.js", main: "no.js" }, "lib.js"],
  [{ exports: { ".": "./lib.js" } }, "lib.js"],
  [{ exports: { ".": { types: "./lib.d.ts", require: "./lib.cjs", import: { types: "./lib.d.ts", default: "./lib.mjs" } } } }, "lib.mjs"],
  [{ exports: { types: "./lib.d.ts", default: "./lib.js" } }, "lib.js"],
  [{ exports: { ".": { require: "./lib.cjs" } }, main: "./main.js" }, "main.js"],
])("the file that import loads of %j is %s", (manifest, file) => {
  expect(entryOf(manifest)).toBe(join("/node_modules/thing", file));
});

test("the first folder that has it counts, or one above it", () => {
  const [one, two] = [folderWith({ "@some/thing": "" }), folderWith({ "@some/thing": "", other: "" })];
  const below = join(two, "deep", "down");
  mkdirSync(below, { recursive: true });
  expect(findPackage("@some/thing", [one, below])).toMatchObject({ from: one, version: "1.2.3" });
  expect(findPackage("other", [one, below])).toMatchObject({ from: below });
  expect(findPackage("nowhere-to-be-found", [one, below])).toBeUndefined();
});

test.each([
  "./evil.js",
  "../evil",
  "/etc/evil.js",
  "file:///evil.js",
  "node:fs",
  "https://evil.example/x.js",
  "@scope",
  "a/b",
  "a/../b",
  "..",
  "",
])("%j is no name of a package, and nothing is looked for", (name) => {
  expect(isPackageName(name)).toBe(false);
  expect(findPackage(name, ["/"])).toBeUndefined();
});
