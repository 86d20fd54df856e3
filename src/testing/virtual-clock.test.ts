import { expect, test } from "vitest";
import { virtualClock } from "./virtual-clock.ts";

test("advance wakes in order of time, then of asking", () => {
  const clock = virtualClock(1000);
  const woken: string[] = [];
  const wake = (name: string) => (): void => void woken.push(`${name} at ${clock.now()}`);
  clock.schedule(1030, wake("c"));
  clock.schedule(1010, wake("a"));
  clock.schedule(1010, wake("b"));
  clock.schedule(1020, wake("never"))();
  clock.schedule(1100, wake("later"));
  clock.advance(50);
  expect(woken).toEqual(["a at 1010", "b at 1010", "c at 1030"]);
  expect(clock.now()).toBe(1050);
});

test("runUntil jumps from wake to wake and hands the result back", async () => {
  const clock = virtualClock(0);
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => clock.schedule(clock.now() + ms, resolve));
  const work = async (): Promise<number> => {
    await sleep(3_600_000);
    await Promise.all([sleep(10), sleep(20)]);
    return clock.now();
  };
  expect(await clock.runUntil(work())).toBe(3_600_020);
  await expect(clock.runUntil(Promise.reject(new Error("no")))).rejects.toThrow("no");
});

test("runUntil says when a promise hangs", async () => {
  await expect(virtualClock().runUntil(new Promise(() => {}))).rejects.toThrow("The promise hangs");
});
