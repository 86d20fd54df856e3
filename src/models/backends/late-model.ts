import type { LanguageModelV4 } from "@ai-sdk/provider";

/** A language model that is made, and its package loaded, by its first call. */
export function lateModel(provider: string, modelId: string, make: () => Promise<LanguageModelV4>): LanguageModelV4 {
  let model: Promise<LanguageModelV4> | undefined;
  const made = (): Promise<LanguageModelV4> => (model ??= make());
  return {
    specificationVersion: "v4",
    provider,
    modelId,
    supportedUrls: {},
    doGenerate: async (options) => (await made()).doGenerate(options),
    doStream: async (options) => (await made()).doStream(options),
  };
}
