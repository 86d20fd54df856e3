import type { SharedV4ProviderOptions } from "@ai-sdk/provider";
import * as z from "zod";

/** The Messages API takes no smaller budget. */
const SMALLEST_BUDGET = 1_024;

export const claudeFields = z.object({
  thinking: z
    .object({
      type: z.enum(["adaptive", "enabled", "between_tools", "disabled"]),
      budget_tokens: z.int().min(SMALLEST_BUDGET).optional(),
      display: z.enum(["summarized", "omitted", "updates"]).optional(),
    })
    .optional()
    .describe("How it thinks before it answers, as the Messages API writes it: { type: enabled, budget_tokens: 4096 }."),
  effort: z
    .enum(["low", "medium", "high", "xhigh", "max"])
    .optional()
    .describe("How much it spends on thinking, text and tools, with models that know efforts."),
});

/** The fields of a config as the AI SDK names them. Thinking that is asked for is shown unless it says otherwise. */
export function claudeProviderOptions(fields: Readonly<Record<string, unknown>>): SharedV4ProviderOptions {
  const { thinking, effort } = claudeFields.parse(fields);
  return {
    anthropic: {
      ...(thinking !== undefined && { thinking: thinkingOf(thinking) }),
      ...(effort !== undefined && { effort }),
    },
  };
}

type Thinking = NonNullable<z.infer<typeof claudeFields>["thinking"]>;

function thinkingOf({ type, budget_tokens: budgetTokens, display = "summarized" }: Thinking): SharedV4ProviderOptions[string] {
  if (type === "adaptive") return { type, display };
  return { type, ...(type === "enabled" && budgetTokens !== undefined && { budgetTokens }) };
}
