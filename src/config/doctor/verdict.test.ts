import { expect, test } from "vitest";
import type { Check, Status } from "./check.ts";
import { verdictOf } from "./verdict.ts";

function check(section: Check["section"], status: Status, hint?: string): Check {
  return { section, check: "c", target: "t", status, text: "x", ms: 1, ...(hint !== undefined && { hint }) };
}

test("without a config one engine with a model is enough, whatever else is ill", () => {
  const checks = [check("engines", "failed"), check("machine", "unknown")];
  expect(verdictOf(checks, { hasConfig: false, canAnswer: true })).toMatchObject({ canRun: true });
});

test("without anything it says what to do, for what was cut off first", () => {
  expect(verdictOf([], { hasConfig: false, canAnswer: false })).toMatchObject({
    canRun: false,
    next: expect.stringContaining("Start LM Studio") as string,
  });
  const cut = [check("engines", "unknown", "Look again.")];
  expect(verdictOf(cut, { hasConfig: false, canAnswer: false })).toMatchObject({ canRun: false, next: "Look again." });
});

test("a config needs all of its backends, and unknown is not well", () => {
  const checks = [check("backends", "ok"), check("backends", "warning"), check("keys", "ok")];
  const config = { hasConfig: true, canAnswer: false };
  expect(verdictOf(checks, config)).toEqual({ canRun: true, text: "This council can run. One warning above." });
  expect(verdictOf([...checks, check("backends", "unknown", "Look again.")], config)).toEqual({
    canRun: false,
    text: "This council cannot be relied on: of 3 checks of its config 1 unknown.",
    next: "Look again.",
  });
  const both = [...checks, check("backends", "unknown", "Look again."), check("backends", "failed", "Start it.")];
  expect(verdictOf(both, config)).toMatchObject({ text: expect.stringContaining("1 failed, 1 unknown") as string, next: "Start it." });
});
