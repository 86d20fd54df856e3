import type { SharedV4ProviderOptions } from "@ai-sdk/provider";
import * as z from "zod";
import { modelFacts } from "../../catalogue/model-facts.ts";

export const geminiFields = z.object({
  thinking_config: z
    .object({
      thinking_budget: z.int().min(-1).optional(),
      thinking_level: z.enum(["minimal", "low", "medium", "high", "xhigh"]).optional(),
      include_thoughts: z.boolean().optional(),
    })
    .optional()
    .describe(
      "How much it thinks before it answers, and whether that is shown: { thinking_budget: 1024 }, or { thinking_level: low } from Gemini 3 on.",
    ),
});

/** The fields of a config as the AI SDK names them. Thoughts are shown unless it says otherwise; models without any refuse to hear of them. */
export function geminiProviderOptions(model: string, fields: Readonly<Record<string, unknown>>): SharedV4ProviderOptions {
  const { thinking_config: config } = geminiFields.parse(fields);
  if (config === undefined && !modelFacts("gemini", model).reasoning) return {};
  const { thinking_budget: thinkingBudget, thinking_level: thinkingLevel, include_thoughts: includeThoughts } = config ?? {};
  return {
    google: {
      thinkingConfig: {
        ...(thinkingBudget !== undefined && { thinkingBudget }),
        ...(thinkingLevel !== undefined && { thinkingLevel }),
        includeThoughts: includeThoughts ?? thinkingBudget !== 0,
      },
    },
  };
}
