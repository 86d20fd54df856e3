import { describe, expect, test } from "vitest";
import { listed } from "../core/listed.ts";
import { counted, duration, grouped, percent, speed } from "./measures.ts";

describe("measures for people", () => {
  test.each([
    [0, "0.0 s"],
    [432, "0.4 s"],
    [12_345, "12.3 s"],
    [59_949, "59.9 s"],
    [59_990, "1 min"],
    [125_000, "2 min 5 s"],
    [3_600_000, "1 h"],
    [3_780_000, "1 h 3 min"],
  ])("%i ms is %s", (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });

  test.each([
    [0, "0"],
    [999, "999"],
    [1_000, "1,000"],
    [1_234_567, "1,234,567"],
  ])("%i is grouped as %s", (count, text) => {
    expect(grouped(count)).toBe(text);
  });

  test.each([
    [1, "1 vote"],
    [2, "2 votes"],
    [0.5, "0.5 votes"],
    [0, "0 votes"],
  ])("%d counts as %s", (count, text) => {
    expect(counted(count, "vote")).toBe(text);
  });

  test.each([
    [0.84, "0.8 tokens/s"],
    [9.94, "9.9 tokens/s"],
    [9.96, "10 tokens/s"],
    [1_234.5, "1,235 tokens/s"],
  ])("%d tokens a second are %s", (rate, text) => {
    expect(speed(rate)).toBe(text);
  });

  test("a part in percent", () => {
    expect([0, 0.404, 1].map(percent)).toEqual(["0 %", "40 %", "100 %"]);
  });

  test.each([
    [[], ""],
    [["a"], "a"],
    [["a", "b"], "a and b"],
    [["a", "b", "c"], "a, b and c"],
  ])("%j is listed as %j", (names, text) => {
    expect(listed(names)).toBe(text);
  });
});
