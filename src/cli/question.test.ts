import { expect, test } from "vitest";
import { isBlank, questionWithContext } from "./question.ts";

test.each([
  ["", true],
  [" \n\t\u00A0", true],
  ["\u0001\u001B\u0007", true],
  ["\uFEFF\u200B\u200F", true],
  ["?", false],
  ["\u200B猫", false],
])("%j is blank: %s", (text, blank) => {
  expect(isBlank(text)).toBe(blank);
});

test("the question first, then the context in a fence", () => {
  expect(questionWithContext("What is wrong?", "line one\nline two\n")).toBe(
    "What is wrong?\n\nContext from standard input:\n\n```\nline one\nline two\n```",
  );
});

test("the fence is longer than any in the context", () => {
  expect(questionWithContext("Why?", "a\n````\nb")).toContain("\n`````\na\n````\nb\n`````");
});
