import type { LanguageModelV4 } from "@ai-sdk/provider";
import type { CouncilModel } from "../models/model.ts";
import { createExperience } from "../models/experience.ts";
import { createQueue } from "../models/queue/engine-queue.ts";

const DEFAULT_SLOTS = 8;

/** Puts any AI SDK language model on a council. `options` says what is known better than the defaults. */
export function councilModel(languageModel: LanguageModelV4, options: Partial<Omit<CouncilModel, "languageModel">> = {}): CouncilModel {
  return {
    languageModel,
    name: `${languageModel.provider}/${languageModel.modelId}`,
    rungs: ["schema", "tool", "text"],
    sampling: {},
    timeouts: { firstTokenMs: 10 * 60_000, stallMs: 2 * 60_000 },
    experience: createExperience(),
    queue: createQueue({ slots: DEFAULT_SLOTS, sharing: "blocks" }),
    ...options,
  };
}
