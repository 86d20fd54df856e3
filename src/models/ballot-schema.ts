import type { JSONSchema7 } from "@ai-sdk/provider";
import { LONGEST_REASON } from "../core/ballots/read-ballot.ts";

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
