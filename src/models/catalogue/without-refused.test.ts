import { expect, test } from "vitest";
import { modelFacts } from "./model-facts.ts";
import { refusalNotice, withoutRefused } from "./without-refused.ts";

test("CFG-7, BE-17: what a model refuses is left out, the rest stays", () => {
  const fields = { model: "gpt-5", temperature: 0.2, top_p: 0.7, max_tokens: 100, reasoning_effort: "low" };
  const { kept, refused } = withoutRefused(fields, modelFacts("openai", "gpt-5"));
  expect(kept).toEqual({ model: "gpt-5", max_tokens: 100, reasoning_effort: "low" });
  expect(refusalNotice("gpt-5", refused)).toBe("gpt-5 does not take temperature and top_p: they are left out.");
});

test("where nothing is refused, the fields are the same object", () => {
  const fields = { temperature: 0.2, top_p: undefined };
  expect(withoutRefused(fields, modelFacts("openai", "gpt-4o")).kept).toBe(fields);
  expect(withoutRefused({ temperature: undefined }, modelFacts("openai", "gpt-5")).refused).toEqual([]);
});

test("a model that does not think takes no effort, however it is written", () => {
  const facts = modelFacts("openai", "gpt-4o");
  expect(withoutRefused({ reasoning: { effort: "high", summary: "auto" } }, facts)).toEqual({ kept: {}, refused: ["reasoning"] });
  expect(withoutRefused({ reasoning_effort: "high", text: { verbosity: "low" } }, facts).refused).toEqual(["reasoning_effort", "text"]);
  expect(refusalNotice("gpt-4o", ["reasoning"])).toBe("gpt-4o does not take reasoning: it is left out.");
});

test("gpt-5.1 takes a temperature when it is told not to think", () => {
  const facts = modelFacts("openai", "gpt-5.1");
  expect(withoutRefused({ temperature: 0.2, top_k: 5, reasoning_effort: "none" }, facts).refused).toEqual(["top_k"]);
  expect(withoutRefused({ temperature: 0.2, reasoning: { effort: "none" } }, facts).refused).toEqual([]);
  expect(withoutRefused({ temperature: 0.2, reasoning: { effort: "low" } }, facts).refused).toEqual(["temperature"]);
  expect(withoutRefused({ temperature: 0.2, reasoning: null }, facts).refused).toEqual(["temperature"]);
});

test("Claude takes temperature or top_p, not both", () => {
  const facts = modelFacts("claude", "claude-opus-4-1-20250805");
  expect(withoutRefused({ temperature: 0.2, top_p: 0.9 }, facts)).toEqual({ kept: { temperature: 0.2 }, refused: ["top_p"] });
  expect(withoutRefused({ top_p: 0.9 }, facts).refused).toEqual([]);
  expect(withoutRefused({ temperature: 0.2, top_p: 0.9 }, modelFacts("claude", "claude-opus-4-8")).refused).toEqual([
    "temperature",
    "top_p",
  ]);
});
