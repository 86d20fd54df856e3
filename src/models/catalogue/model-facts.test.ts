import { expect, test } from "vitest";
import { rowsOfLlmZoo } from "../../../scripts/rows-of-llm-zoo.ts";
import { knownModels } from "./known-models.ts";
import { modelFacts } from "./model-facts.ts";
import { overrides } from "./overrides.ts";

test("what is kept of the data package is what the installed version says: npm run catalogue brings it up to date", () => {
  expect(knownModels).toEqual(rowsOfLlmZoo());
});

test.each([
  ["openai", "gpt-5", 400_000],
  ["openai", "gpt-5-2025-08-07", 400_000],
  ["openai", "GPT-5-mini", 400_000],
  ["chatcompletion", "openai/gpt-5:free", 400_000],
  ["openai", "gpt-4o-mini-2024-07-18", 128_000],
  ["openai", "gpt-4.1-nano", 1_047_576],
  ["openai", "gpt-4", 8_192],
  ["openai", "gpt-3.5-turbo-0125", 16_385],
  ["claude", "claude-3-5-haiku-latest", 200_000],
  ["claude", "claude-3-5-haiku-20241022", 200_000],
  ["chatcompletion", "anthropic/claude-opus-4.1", 200_000],
  ["claude", "claude-2.0", 100_000],
  ["claude", "claude-2.1", 200_000],
  ["gemini", "models/gemini-2.5-flash", 1_048_576],
  ["gemini", "gemini-2.5-flash-lite", 1_048_576],
  ["gemini", "gemini-2.0-flash-001", 1_048_576],
  ["grok", "grok-3-mini", 131_072],
  ["grok", "grok-4", 256_000],
  ["grok", "grok-4-0709", 256_000],
  ["grok", "grok-4-1-fast-reasoning", 2_000_000],
  ["zai", "glm-4.5-air", 131_072],
  ["chatcompletion", "gpt-oss-120b", 131_072],
  ["chatcompletion", "accounts/fireworks/models/gpt-oss-20b", 131_072],
  ["chatcompletion", "accounts/fireworks/models/glm-4p5", 131_072],
])("%s/%s has %d tokens of context", (type, model, contextTokens) => {
  expect(modelFacts(type, model)).toMatchObject({ contextTokens, known: true });
});

test.each(["qwen3-4b", "some-model", "", "toString", "gpt-7-nova", "claude-haiku-9"])("nobody says how much %j can read", (model) => {
  expect(modelFacts("chatcompletion", model)).not.toHaveProperty("contextTokens");
  expect(modelFacts("chatcompletion", model).known).toBe(false);
});

test("a model that is newer than the catalogue has what its family has", () => {
  expect(modelFacts("openai", "gpt-7-nova")).toMatchObject({ reasoning: true, input: { images: true, pdf: true }, structured: true });
  expect(modelFacts("openai", "gpt-7-nova").refuses).toContain("temperature");
  expect(modelFacts("claude", "claude-haiku-9").refuses).toContain("temperature");
});

test("what runs on an engine is the engine's to tell", () => {
  expect(modelFacts("lmstudio", "openai/gpt-oss-20b")).toEqual({
    input: { images: false, pdf: false },
    reasoning: false,
    refuses: [],
    known: false,
  });
});

test.each([
  ["gpt-5-nano", true],
  ["o3", true],
  ["o4-mini", true],
  ["gpt-5.2", true],
  ["gpt-4o", false],
  ["gpt-4.1", false],
  ["gpt-5-chat-latest", false],
  ["gpt-oss-120b", false],
  ["claude-opus-4-1-20250805", false],
  ["claude-sonnet-4-6", false],
  ["claude-opus-4-7", true],
  ["claude-sonnet-5", true],
  ["claude-fable-5-1", true],
  ["claude-3-5-sonnet-latest", false],
  ["gemini-2.5-pro", false],
  ["gemini-3-pro-preview", false],
  ["grok-4", false],
  ["kimi-k2.5", true],
  ["kimi-k2-turbo-preview", false],
])("%s refuses a temperature: %s", (model, refuses) => {
  expect(modelFacts("chatcompletion", model).refuses.includes("temperature")).toBe(refuses);
});

/** What of it is so: it reads images, reads PDFs, thinks, keeps to schemas. */
test.each([
  ["gpt-4o", "images pdf structured"],
  ["o3-mini", "reasoning structured"],
  ["gpt-4", ""],
  ["gpt-6-sol", "images pdf reasoning structured"],
  ["claude-3-5-haiku-20241022", "images pdf"],
  ["claude-sonnet-4-5", "images pdf reasoning structured"],
  ["gemini-2.5-flash", "images pdf reasoning structured"],
  ["grok-3-mini", "reasoning structured"],
  ["grok-4", "images reasoning structured"],
  ["glm-4.5", "reasoning"],
])("%s: %s", (model, abilities) => {
  const { input, reasoning, structured } = modelFacts("chatcompletion", model);
  const has = Object.entries({ ...input, reasoning, structured }).flatMap(([ability, is]) => (is === true ? [ability] : []));
  expect(has.join(" ")).toBe(abilities);
});

test.each(overrides.map(({ models, ...rule }) => [String(models), rule] as const))("%s has a reason and something to say", (_, rule) => {
  const { why, ...rest } = rule;
  expect(why).toMatch(/\.$/u);
  expect(Object.keys(rest)).not.toEqual([]);
});
