import { describe, expect, it } from "vitest";
import { contextSize } from "./context-size.ts";
import { findEmbeddedEngine } from "./find-embedded-engine.ts";
import { threadCount } from "./open-model.ts";

const GIB = 2 ** 30;
const small = { architecture: "llama", contextTokens: 8192, contextBytesPerToken: 23_040 };
const large = { architecture: "qwen3", contextTokens: 262_144, contextBytesPerToken: 147_456 };

describe("the context of a lane", () => {
  it.each([
    ["all a small model knows", { header: small, lanes: 3, freeBytes: 8 * GIB }, 8192],
    ["8,192 of a long one", { header: large, lanes: 3, freeBytes: 64 * GIB }, 8192],
    ["what the memory carries, in steps of 256", { header: large, lanes: 3, freeBytes: 4 * GIB }, 3840],
    ["1,024 however little memory there is", { header: large, lanes: 4, freeBytes: 0 }, 1024],
    ["no more than the model was trained on", { header: { ...small, contextTokens: 512 }, lanes: 1, freeBytes: GIB }, 512],
    ["what was asked for", { header: large, lanes: 4, freeBytes: 0, tokens: 32_768 }, 32_768],
    ["never more than trained, also when asked", { header: small, lanes: 1, freeBytes: GIB, tokens: 100_000 }, 8192],
    ["8,192 where the header says nothing", { header: { architecture: "odd" }, lanes: 1, freeBytes: 0 }, 8192],
  ])("is %s", (_, wish, tokens) => {
    expect(contextSize(wish)).toBe(tokens);
  });
});

describe("threads", () => {
  it.each([
    [undefined, 2, 1],
    [undefined, 8, 7],
    [undefined, 1, 1],
    [8, 2, 2],
    [1, 4, 1],
    [0, 4, 1],
  ])("asked for %s on %i cores are %i", (wanted, cores, threads) => {
    expect(threadCount(wanted, cores)).toBe(threads);
  });
});

describe("the engine", () => {
  it("is found beside massgen first", () => {
    expect(findEmbeddedEngine("/nowhere")).toMatchObject({ source: "package", version: "3.22.1" });
  });
});
