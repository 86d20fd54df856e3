import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { editDistance, nearest } from "./nearest.ts";

describe("edit distance", () => {
  test.each([
    ["", "", 0],
    ["", "abc", 3],
    ["agents", "agents", 0],
    ["agent", "agents", 1],
    ["agnets", "agents", 1],
    ["ca", "abc", 3],
    ["modle", "model", 1],
    ["kitten", "sitting", 3],
  ])("%s -> %s is %i", (from, to, edits) => {
    expect(editDistance(from, to)).toBe(edits);
  });

  test("is the same both ways and zero only for equal words", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (from, to) => {
        expect(editDistance(from, to)).toBe(editDistance(to, from));
        expect(editDistance(from, to) === 0).toBe(from === to);
      }),
    );
  });
});

describe("nearest name", () => {
  test.each([
    ["resmue", ["runs", "resume"], "resume"],
    ["temprature", ["temperature", "type"], "temperature"],
    ["Base-URL", ["base_url", "model"], "base_url"],
    ["hello", ["help"], undefined],
    ["id", ["ui"], undefined],
    ["top", ["top_p"], undefined],
    ["uii", ["ui"], "ui"],
    ["banana", ["agents", "ui"], undefined],
    ["cat", ["bat", "hat"], "bat"],
  ])("%s among %j is %s", (word, names, expected) => {
    expect(nearest(word, names)).toBe(expected);
  });
});
