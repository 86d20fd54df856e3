import { expect, it } from "vitest";
import { labelledGrammar } from "./labelled-grammar.ts";

it("allows the labelled lines of a ballot and nothing else", () => {
  expect(labelledGrammar(["B", "improve"])).toBe(String.raw`root ::= "REASON: " [^\n]{1,240} "\nCHOICE: " ("B" | "improve")`);
});
