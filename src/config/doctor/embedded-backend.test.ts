import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkEmbeddedBackend } from "./embedded-backend.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "massgen-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A file in GGUF format that says its architecture and nothing else. */
function modelFile(name: string): string {
  const [key, value] = ["general.architecture", "llama"];
  const bytes = Buffer.alloc(24 + 8 + key.length + 4 + 8 + value.length);
  bytes.write("GGUF");
  bytes.writeUInt32LE(3, 4);
  bytes.writeBigUInt64LE(1n, 16);
  bytes.writeBigUInt64LE(BigInt(key.length), 24);
  bytes.write(key, 32);
  bytes.writeUInt32LE(8, 32 + key.length);
  bytes.writeBigUInt64LE(BigInt(value.length), 36 + key.length);
  bytes.write(value, 44 + key.length);
  const path = join(folder, name);
  writeFileSync(path, bytes);
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
