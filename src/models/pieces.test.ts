import { expect, it } from "vitest";
import { createPieces } from "./pieces.ts";

it("gives back everything in order, however many pieces there are and whenever it is asked", () => {
  const pieces = createPieces("0 ");
  for (let piece = 1; piece <= 1_000; piece += 1) {
    pieces.add(`${piece} `);
    if (piece % 300 === 0) expect(pieces.whole()).toMatch(new RegExp(`^0 1 2 .*\\b${piece} $`, "u"));
  }
  expect(pieces.whole()).toBe(Array.from({ length: 1_001 }, (_, piece) => `${piece} `).join(""));
  expect(createPieces().whole()).toBe("");
});
