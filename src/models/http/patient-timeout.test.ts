import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { patientTimeout } from "./patient-timeout.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("it ends after its time, and not at all once it is taken back", () => {
  let time = 0;
  const { signal } = patientTimeout(400, () => time);
  const stopped = patientTimeout(400, () => time);
  stopped.stop();
  const pass = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 20) {
      time += 20;
      vi.advanceTimersByTime(20);
    }
  };
  pass(380);
  expect(signal.aborted).toBe(false);
  pass(20);
  expect(signal.reason).toMatchObject({ name: "TimeoutError" });
  expect(stopped.signal.aborted).toBe(false);
});

test("time in which the process was busy hardly counts", () => {
  let time = 0;
  const { signal } = patientTimeout(100, () => time);
  time += 5_000;
  vi.advanceTimersByTime(20);
  expect(signal.aborted).toBe(false);
  time += 5_000;
  vi.advanceTimersByTime(20);
  expect(signal.aborted).toBe(false);
  time += 20;
  vi.advanceTimersByTime(20);
  expect(signal.aborted).toBe(true);
});
