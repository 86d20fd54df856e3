import type { JSONSchema7 } from "@ai-sdk/provider";

/** The name of the ballot's schema and of its tool. */
export const BALLOT = "ballot";

/** Longest reason asked for, in characters. */
const LONGEST_REASON = 240;

/** What a filled-in ballot looks like. The reason comes first, so that a model thinks before it chooses. */
export function ballotSchema(choices: readonly string[]): JSONSchema7 {
  return {
    type: "object",
    properties: {
      reason: { type: "string", maxLength: LONGEST_REASON },
      choice: { type: "string", enum: [...choices] },
    },
    required: ["reason", "choice"],
    additionalProperties: false,
  };
}
