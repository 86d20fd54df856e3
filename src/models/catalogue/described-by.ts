import type { CouncilModel } from "../model.ts";
import type { ModelFacts } from "./model-facts.ts";

/** What a council must know of a model, where nobody says otherwise. */
export function describedBy({ contextTokens, reasoning, refuses }: ModelFacts): Pick<CouncilModel, "contextTokens" | "thinks" | "refuses"> {
  return {
    ...(contextTokens !== undefined && { contextTokens }),
    ...(reasoning && { thinks: true }),
    ...(refuses.length > 0 && { refuses }),
  };
}
