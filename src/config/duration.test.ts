import { expect, test } from "vitest";
import { durationText, parseDuration } from "./duration.ts";

test.each([
  [90, 90_000],
  ["90", 90_000],
  [0.5, 500],
  ["90s", 90_000],
  ["10m", 600_000],
  ["1.5h", 5_400_000],
  ["1h30m", 5_400_000],
  ["1h 30m", 5_400_000],
  ["250ms", 250],
  [0, undefined],
  ["0s", undefined],
  [-1, undefined],
  ["-1s", undefined],
  ["ten", undefined],
  ["", undefined],
  ["10d", undefined],
  [Number.NaN, undefined],
  [Infinity, undefined],
  ["9".repeat(30), undefined],
])("%j is %s milliseconds", (value, ms) => {
  expect(parseDuration(value)).toBe(ms);
});

test.each([
  [1_800_000, "30m"],
  [3_600_000, "1h"],
  [90_000, "90s"],
  [250, "250ms"],
])("%s ms are %s", (ms, text) => {
  expect(durationText(ms)).toBe(text);
  expect(parseDuration(text)).toBe(ms);
});
