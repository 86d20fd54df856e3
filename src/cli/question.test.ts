import { expect, test } from "vitest";
import { questionWithContext } from "./question.ts";

test("the question first, then the context in a fence", () => {
  expect(questionWithContext("What is wrong?", "line one\nline two\n")).toBe(
    "What is wrong?\n\nContext from standard input:\n\n```\nline one\nline two\n```",
  );
});

test("the fence is longer than any in the context", () => {
  expect(questionWithContext("Why?", "a\n````\nb")).toContain("\n`````\na\n````\nb\n`````");
});
