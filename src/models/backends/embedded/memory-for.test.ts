import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { tinyGguf } from "../../../../test/engines/tiny-gguf.ts";
import { createEmbedded } from "./create-embedded.ts";
import { freeMemory, requireMemory } from "./memory-for.ts";

const folder = mkdtempSync(join(tmpdir(), "massgen-memory-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the memory for a model", () => {
  const need = { path: "m.gguf", weightBytes: 5e9, contextBytes: 3e9 };

  it("that is there is taken", () => {
    expect(() => requireMemory(need, 8e9)).not.toThrow();
  });

  it("that is missing is refused with both numbers", () => {
    const message = "The model m.gguf needs 8.0 GB of memory, 5.0 GB for its weights and 3.0 GB for its context, and 7.9 GB are free.";
    expect(() => requireMemory(need, 7.9e9)).toThrow(message);
  });

  it("is some, and no more than a computer has", () => {
    expect(freeMemory()).toBeGreaterThan(1e6);
    expect(freeMemory()).toBeLessThan(1e15);
  });

  it("is looked at before the engine reads a byte of the weights", async () => {
    // A header without weights: whoever tried to load it would complain of the file.
    const header = { "general.architecture": "llama", "llama.context_length": 2 ** 31, "llama.block_count": 100_000 };
    const sizes = { "llama.embedding_length": 65_536, "llama.attention.head_count": 64 };
    const path = join(folder, "huge.gguf");
    writeFileSync(path, tinyGguf({ ...header, ...sizes }));
    const model = createEmbedded({ path, contextTokens: 1_000_000, lanes: 2 });
    const loading = model.prepare?.(undefined, new AbortController().signal)[Symbol.asyncIterator]();
    await expect(loading?.next()).rejects.toThrow(/needs 52428800\.0 GB of memory, .* for its context, and [\d.]+ [GM]B are free/u);
  });
});
