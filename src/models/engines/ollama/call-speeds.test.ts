import { expect, test } from "vitest";
import { createCallSpeeds } from "./call-speeds.ts";

const MS = 1_000_000;
const read = (tokens: number, ms: number): object => ({ prompt_eval_count: tokens, prompt_eval_duration: ms * MS });

test("speeds are told in nanoseconds", () => {
  const last = { ...read(600, 6000), eval_count: 298, eval_duration: 4_799_921_000, load_duration: 2154 * MS };
  const { tokensPerSecond, ...rest } = createCallSpeeds().measure({ ...last });
  expect(rest).toEqual({ promptPerSecond: 100, loadMs: 2154 });
  expect(tokensPerSecond).toBeCloseTo(62.1, 1);
});

test("no speed is learned from a prompt that was in the cache, which is counted whole all the same", () => {
  const speeds = createCallSpeeds();
  expect(speeds.measure({ ...read(2659, 31_966) }).promptPerSecond).toBeCloseTo(83.2, 1);
  expect(speeds.measure({ ...read(2659, 16.8) })).toEqual({ cachedUntold: true });
  expect(speeds.measure({ ...read(1330, 4000) })).toEqual({ cachedUntold: true });
  expect(speeds.measure({ ...read(1330, 10_000) })).toEqual({ promptPerSecond: 133 });
});

test("a first prompt from the cache gives way to the first that was read", () => {
  const speeds = createCallSpeeds();
  expect(speeds.measure({ ...read(2659, 100) })).toEqual({ promptPerSecond: 26_590 });
  expect(speeds.measure({ ...read(800, 8000) })).toEqual({ promptPerSecond: 100 });
  expect(speeds.measure({ ...read(2659, 100) })).toEqual({ cachedUntold: true });
});

test("looking up a model that is in memory is no load", () => {
  expect(createCallSpeeds().measure({ load_duration: 84 * MS })).toEqual({ cachedUntold: true });
});

test("what is left to read is judged by the slowest reading", () => {
  const speeds = createCallSpeeds();
  expect(speeds.readingMs(100)).toBeUndefined();
  speeds.measure({ ...read(800, 8000) });
  speeds.measure({ ...read(750, 5000) });
  expect(speeds.readingMs(500)).toBe(5000);
});
