import { expect, test } from "vitest";
import { describedBy } from "./described-by.ts";
import { modelFacts } from "./model-facts.ts";

test("a council hears of a model what is known, and nothing that is not", () => {
  expect(describedBy(modelFacts("chatcompletion", "qwen-unheard-of"))).toEqual({});
  expect(describedBy(modelFacts("grok", "grok-3-mini"))).toMatchObject({
    contextTokens: 131_072,
    thinks: true,
    refuses: expect.any(Array) as unknown,
  });
});
