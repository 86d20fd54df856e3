import { expect, test } from "vitest";
import { usageOf } from "./usage-of.ts";

const prompt = { messages: [{ role: "user", text: "word ".repeat(100) }], maxOutputTokens: 1, maxTextTokens: 1 } as const;
const reported = (total: number | undefined, cacheRead: number | undefined): Parameters<typeof usageOf>[0] => ({
  inputTokens: { total, noCache: undefined, cacheRead, cacheWrite: undefined },
  outputTokens: { total: 3, text: undefined, reasoning: undefined },
});

test.each<[string, number | undefined, number | undefined, object]>([
  ["what is in the cache is part of the prompt", 1_330, 1_318, { inputTokens: 1_330, cachedInputTokens: 1_318, estimated: false }],
  ["unless there is more of it", 12, 1_318, { inputTokens: 1_330, cachedInputTokens: 1_318, estimated: false }],
  ["what nobody reports is estimated", undefined, undefined, { inputTokens: 129, estimated: true }],
])("%s", (_what, total, cached, usage) => {
  expect(usageOf(reported(total, cached), prompt, 3)).toMatchObject(usage);
});

test("an estimate that was made before is taken", () => {
  expect(usageOf(undefined, { ...prompt, promptTokens: 200 }, 3)).toMatchObject({ inputTokens: 200, estimated: true });
});
