import { expect, it } from "vitest";
import { everyPrompt } from "./every-prompt.ts";

it("holds every kind of prompt the protocol makes", async () => {
  const kinds = (await everyPrompt()).map(({ kind }) => kind);
  expect(kinds.toSorted()).toEqual([
    "ballot schema",
    "ballot schema correction, with history",
    "ballot schema, with history",
    "ballot text",
    "ballot text correction",
    "ballot tool",
    "ballot tool correction after a tool call",
    "ballot tool, with history",
    "draft",
    "draft correction",
    "draft correction after a tool call",
    "draft length",
    "draft, with history",
    "improvement improve",
    "improvement improve, with history",
    "improvement length, with history",
    "presentation",
    "presentation, with history",
  ]);
});
