import { describe, expect, it } from "vitest";
import { estimatedTokens } from "./estimated-tokens.ts";

describe("estimatedTokens", () => {
  it.each([
    ["nothing", "", 0],
    ["English", "the quick brown fox jumps over the lazy dog ".repeat(10), 110],
    ["Russian", "почему небо голубое", 9],
    ["Chinese", "天空为什么是蓝色的", 9],
    ["Japanese", "そらはなぜあおいか", 9],
    ["Korean", "하늘은왜파란가", 7],
    ["digits", "1234567890", 5],
    ["code", "if(a[0]){b();}", 6],
    ["faces, two halves each", "😀😀", 4],
    ["indentation", `x${" ".repeat(64)}y`, 5],
    ["a ruled line", "-".repeat(160), 11],
  ])("%s", (_what, text, tokens) => {
    expect(estimatedTokens(text)).toBe(tokens);
  });

  it("takes time in proportion to the text", () => {
    const texts = [1, 2].map((times) => "The sky is blue, 青い, 42 times over. ".repeat(20_000 * times));
    for (const text of texts) estimatedTokens(text);
    const [short, long] = texts.map((text) => estimatedTokens(text));
    expect(long).toBe((short ?? 0) * 2);
  });
});
