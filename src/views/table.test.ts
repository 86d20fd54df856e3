import { expect, test } from "vitest";
import { table, wrapped } from "./table.ts";

test("columns are aligned, and empty ones left out", () => {
  const rows = [
    ["MODEL", "SIZE", "", "STATE"],
    ["a", "98 MB", "", "here"],
    ["längst", "2.5 GB", "", ""],
  ];
  expect(table(rows, ["left", "right"])).toEqual(["MODEL     SIZE  STATE", "a        98 MB  here", "längst  2.5 GB"]);
  expect(table([])).toEqual([]);
});

test("a text is broken between its words, and where it is broken already", () => {
  expect(wrapped("one two three\nfour", 8)).toEqual(["one two", "three", "four"]);
  expect(wrapped("an-address-that-is-long yes", 8)).toEqual(["an-address-that-is-long", "yes"]);
});
