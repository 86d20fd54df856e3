import { MODEL_CONFIGS, type ModelConfig } from "llm-zoo";
import type { KnownModel } from "../src/models/catalogue/known-models.ts";
import { modelKeys } from "../src/models/catalogue/model-key.ts";

/** What the package says of every model, under the shortest of its keys; of several versions the first that is still served. */
export function rowsOfLlmZoo(): Readonly<Record<string, KnownModel>> {
  const models = Object.values(MODEL_CONFIGS);
  const rows = new Map<string, KnownModel>();
  for (const model of [...models.filter(({ retired }) => retired !== true), ...models.filter(({ retired }) => retired === true)]) {
    const key = modelKeys(model.fullName).at(-1) ?? "";
    const row = rows.get(key);
    // The package lists a model that can think twice: with and without.
    if (row === undefined) rows.set(key, rowOf(model));
    else if (model.capabilities.supportsReasoning) rows.set(key, { ...row, reasoning: true });
  }
  return Object.fromEntries([...rows].sort(([one], [other]) => (one < other ? -1 : 1)));
}

function rowOf({ contextWindow, maxOutputTokens, capabilities, inputPrice, outputPrice }: ModelConfig): KnownModel {
  return {
    contextTokens: contextWindow,
    outputTokens: maxOutputTokens,
    images: capabilities.supportsVision,
    pdf: capabilities.supportsNativePdf,
    reasoning: capabilities.supportsReasoning,
    // Models that are given away for a while are listed without a price.
    ...(outputPrice > 0 && { price: { input: inputPrice, output: outputPrice } }),
  };
}
