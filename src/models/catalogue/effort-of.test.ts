import { expect, test } from "vitest";
import { effortOf } from "./effort-of.ts";

test.each([
  ["o3-low", "o3", "low"],
  ["o3-mini-high", "o3-mini", "high"],
  ["o4-mini-medium", "o4-mini", "medium"],
  ["O3-Mini-HIGH", "O3-Mini", "high"],
  ["gpt-5-high", "gpt-5", "high"],
  ["gpt-5-nano-minimal", "gpt-5-nano", "minimal"],
  ["gpt-5.2-xhigh", "gpt-5.2", "xhigh"],
  [" grok-3-mini-low ", "grok-3-mini", "low"],
])("CLI-5: %j is %s with effort %s", (name, model, effort) => {
  expect(effortOf(name)).toEqual({ model, effort });
});

test.each([
  "o3",
  "gpt-4o",
  "gpt-5.1-codex-max",
  "openai/o3-mini-high",
  "claude-opus-4-8-high",
  "qwen3-high",
  "grok-4-high",
  "o3-lowly",
  "",
])("%j is a name as it is", (model) => {
  expect(effortOf(model)).toEqual({ model });
});
