import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { MassgenError } from "../../core/errors.ts";
import { tinyGguf } from "../../../test/engines/tiny-gguf.ts";
import { checkModelFile } from "./check-model-file.ts";

const folder = mkdtempSync(join(tmpdir(), "massgen-check-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

function complaint(path: string, expectedBytes?: number): MassgenError {
  try {
    checkModelFile(path, expectedBytes);
  } catch (error) {
    if (error instanceof MassgenError) return error;
  }
  throw new Error("the file passed");
}

describe("a model file", () => {
  it("gives its context and what a token of it costs", () => {
    const path = file(
      "whole.gguf",
      tinyGguf({
        "general.architecture": "llama",
        "tokenizer.ggml.tokens": ["a", "bc"],
        "llama.context_length": 8192,
        "llama.block_count": 30,
        "llama.embedding_length": 576,
        "llama.attention.head_count": 9,
        "llama.attention.head_count_kv": 3,
      }),
    );
    expect(checkModelFile(path)).toEqual({ architecture: "llama", contextTokens: 8192, contextBytesPerToken: 30 * 3 * 128 * 2 });
  });

  it("adds up layers that differ", () => {
    const header = { "llama.block_count": 2, "llama.attention.key_length": 8, "llama.attention.value_length": 4 };
    const path = file("layers.gguf", tinyGguf({ "general.architecture": "llama", ...header, "llama.attention.head_count_kv": [1, 3] }));
    expect(checkModelFile(path).contextBytesPerToken).toBe(4 * 12 * 2);
  });

  it.each([
    ["of another kind", Buffer.from("hello, this is text"), 'begins with "hell" instead of "GGUF"'],
    ["that is empty", Buffer.alloc(0), "ends within its header"],
    [
      "cut within its header",
      tinyGguf({ "general.architecture": "llama", "llama.block_count": 2 }).subarray(0, 60),
      "ends within its header",
    ],
    ["without an architecture", tinyGguf({ "general.name": "x" }), "does not name its architecture"],
    ["with an unknown kind of value", Buffer.concat([tinyGguf({ a: 1 }).subarray(0, 33), Buffer.alloc(64, 200)]), "header is damaged"],
  ])("%s is refused", (name, bytes, reason) => {
    const error = complaint(file(`${name}.gguf`, bytes));
    expect(error.code).toBe("model-file");
    expect(error.message).toContain(reason);
    expect(error.hint).toContain("massgen models pull");
  });

  it("of the wrong size is refused with both sizes", () => {
    const path = file("short.gguf", tinyGguf());
    expect(complaint(path, 98_362_432).message).toMatch(/has \d+ bytes where 98362432 belong/);
  });

  it("that is missing, or a folder, is named", () => {
    expect(complaint(join(folder, "none.gguf")).message).toBe(`There is no model file ${join(folder, "none.gguf")}.`);
    expect(complaint(folder).message).toContain("it is a folder");
  });
});
