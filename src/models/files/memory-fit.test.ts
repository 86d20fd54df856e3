import { describe, expect, it } from "vitest";
import { catalogue, findInCatalogue, sizeInWords } from "./catalogue.ts";
import { betterModelHint, largestFitting } from "./memory-fit.ts";

const GIB = 2 ** 30;

describe("the catalogue", () => {
  it("holds distinct files, smallest first, each with a checksum and a licence", () => {
    expect(new Set(catalogue.map(({ file }) => file)).size).toBe(catalogue.length);
    expect(catalogue.map(({ bytes }) => bytes)).toEqual(catalogue.map(({ bytes }) => bytes).toSorted((a, b) => a - b));
    for (const model of catalogue) {
      expect(model.sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(model.license).toBe("Apache-2.0");
    }
  });

  it("finds by name and by file, in any case", () => {
    expect(findInCatalogue("smollm2-135m-instruct")?.quantization).toBe("Q4_1");
    expect(findInCatalogue("SMOLLM2-1.7B-INSTRUCT-Q4_K_M.gguf")?.name).toBe("SmolLM2-1.7B-Instruct");
    expect(findInCatalogue("gpt-5")).toBeUndefined();
  });

  it("writes sizes as download pages do", () => {
    expect(sizeInWords(98_362_432)).toBe("98 MB");
    expect(sizeInWords(2_497_281_120)).toBe("2.5 GB");
  });
});

describe("the model a machine carries", () => {
  it.each([
    [0.5, undefined],
    [1, "SmolLM2-135M-Instruct"],
    [3, "SmolLM2-360M-Instruct"],
    [3.8, "SmolLM2-1.7B-Instruct"],
    [7.7, "Qwen3-4B-Instruct-2507"],
    [64, "Qwen3-4B-Instruct-2507"],
  ])("with %s GiB", (gib, name) => {
    expect(largestFitting(gib * GIB)?.name).toBe(name);
  });

  it("is hinted at beside the toy, with the command to get it", () => {
    expect(betterModelHint(16 * GIB)).toContain("massgen models pull Qwen3-4B-Instruct-2507");
    expect(betterModelHint(GIB)).toBeUndefined();
  });
});
