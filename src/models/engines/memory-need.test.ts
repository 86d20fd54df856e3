import { expect, test } from "vitest";
import type { EngineModel } from "./engine.ts";
import { fitOf, memoryNeed } from "./memory-need.ts";

const GIB = 2 ** 30;
const model: EngineModel = {
  id: "m",
  sizeBytes: { value: 2 * GIB, source: "the file" },
  contextBytesPerToken: { value: 131_072, source: "the header" },
};

test("weights, and keys and values for every token of every slot", () => {
  expect(memoryNeed(model, 8_192, 3)).toEqual({
    weightsBytes: 2 * GIB,
    contextBytes: 3 * GIB,
    tokens: { bytesPerToken: 131_072, context: 8_192, slots: 3 },
    totalBytes: 5 * GIB,
  });
});

test("what is not told is not made up", () => {
  expect(memoryNeed({ id: "m" }, 8_192, 3)).toBeUndefined();
  expect(memoryNeed(model, undefined, 3)).toEqual({ weightsBytes: 2 * GIB, totalBytes: 2 * GIB });
});

test.each([
  [8 * GIB, "fits"],
  [6 * GIB, "fits"],
  [5 * GIB, "tight"],
  [2 * GIB, "tight"],
  [1.9 * GIB, "never"],
] as const)("in %d bytes it %s", (memory, fit) => {
  const need = memoryNeed(model, 8_192, 3);
  expect(need && fitOf(need, memory)).toBe(fit);
});
