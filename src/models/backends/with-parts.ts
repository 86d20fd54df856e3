import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from "@ai-sdk/provider";

/** Reads the parts of one stream in order, and says what each becomes. */
export type PartReader = (part: LanguageModelV4StreamPart) => readonly LanguageModelV4StreamPart[];

/**
 * A language model whose streams are read part by part.
 * @param begin makes the reader of one call
 */
export function withParts(model: LanguageModelV4, begin: (options: LanguageModelV4CallOptions) => PartReader): LanguageModelV4 {
  return {
    specificationVersion: "v4",
    provider: model.provider,
    modelId: model.modelId,
    supportedUrls: model.supportedUrls,
    doGenerate: (options) => model.doGenerate(options),
    async doStream(options) {
      const { stream, ...rest } = await model.doStream(options);
      const read = begin(options);
      const reading = new TransformStream<LanguageModelV4StreamPart, LanguageModelV4StreamPart>({
        transform(part, controller) {
          for (const each of read(part)) controller.enqueue(each);
        },
      });
      return { ...rest, stream: stream.pipeThrough(reading) };
    },
  };
}
