import { expect, test, vi } from "vitest";
import { atMost } from "./at-most.ts";

test("work that ends in time is waited for, its failure is passed on", async () => {
  await expect(atMost(60_000, Promise.resolve())).resolves.toBeUndefined();
  await expect(atMost(60_000, Promise.reject(new Error("broken")))).rejects.toThrow("broken");
});

test("work that hangs is left alone", async () => {
  vi.useFakeTimers();
  const waiting = atMost(5_000, new Promise(() => undefined));
  await vi.advanceTimersByTimeAsync(5_000);
  await expect(waiting).resolves.toBeUndefined();
  vi.useRealTimers();
});
