import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tinyGguf } from "../../../test/engines/tiny-gguf.ts";
import { checkEmbeddedBackend } from "./embedded-backend.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "massgen-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function modelFile(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, tinyGguf());
  return path;
}

const look = (model?: string) =>
  checkEmbeddedBackend(
    { type: "embedded", ...(model !== undefined && { model }) },
    { environment: { HOME: folder }, folders: { models: folder, engines: "/nowhere" } },
  );

test("without a name: the largest file that fits, or the way to one", () => {
  expect(look().finding).toMatchObject({ status: "failed", hint: expect.stringContaining("massgen models list") as string });
  modelFile("tiny-q4.gguf");
  expect(look().finding.status).toBe("ok");
});

test("a model is found by the name of its file, by a path, and from the home folder", () => {
  const path = modelFile("tiny-q4.gguf");
  for (const name of ["tiny-q4", "TINY-Q4.gguf", path, "~/tiny-q4.gguf"]) expect(look(name).finding.status).toBe("ok");
  writeFileSync(join(folder, "no-model.bin"), "<html>");
  expect(look("~/no-model.bin").finding).toMatchObject({ status: "failed", text: "~/no-model.bin is no model file" });
});

test("a model that is not here: how to fetch it, its nearest name, or where it belongs", () => {
  expect(look("Qwen3-4B-Instruct-2507").finding.hint).toMatch(/^massgen models pull \S+ \(/u);
  expect(look("something-else").finding.hint).toBe(`It belongs into ${folder}.`);
  modelFile("tiny-q4.gguf");
  expect(look("tiny-q5").finding.hint).toBe("Did you mean tiny-q4?");
});
