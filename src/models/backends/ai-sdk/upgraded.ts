import type {
  LanguageModelV2,
  LanguageModelV2StreamPart,
  LanguageModelV2Usage,
  LanguageModelV3,
  LanguageModelV3StreamPart,
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4FinishReason,
  LanguageModelV4GenerateResult,
  LanguageModelV4Message,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from "@ai-sdk/provider";

export type OlderLanguageModel = LanguageModelV2 | LanguageModelV3;

type OlderPart = LanguageModelV2StreamPart | LanguageModelV3StreamPart;
type Ending = Pick<LanguageModelV4GenerateResult, "finishReason" | "usage">;

/**
 * A language model of the AI SDK 5 or 6 as one of the version used here. What differs: how a prompt holds files, and in the older of the two
 * how a reply says why it ended and what it cost. The rest is the same on the wire between SDK and provider.
 */
export function upgraded(model: OlderLanguageModel): LanguageModelV4 {
  return {
    specificationVersion: "v4",
    provider: model.provider,
    modelId: model.modelId,
    supportedUrls: model.supportedUrls,
    async doGenerate(options) {
      const result = await model.doGenerate(olderOptions(options) as never);
      return { ...result, ...newerEnding(result) } as LanguageModelV4GenerateResult;
    },
    async doStream(options) {
      const result = await model.doStream(olderOptions(options) as never);
      const parts = result.stream as ReadableStream<OlderPart>;
      const newer = new TransformStream<OlderPart, LanguageModelV4StreamPart>({
        transform: (part, controller) => controller.enqueue(newerPart(part)),
      });
      return { ...result, stream: parts.pipeThrough(newer) };
    },
  };
}

function olderOptions({ prompt, ...options }: LanguageModelV4CallOptions): object {
  return { ...options, prompt: prompt.map(olderMessage) };
}

function olderMessage(message: LanguageModelV4Message): object {
  if (message.role !== "user") return message;
  const content = message.content.map((part) => {
    if (part.type !== "file") return part;
    const { data } = part;
    if (data.type === "data") return { ...part, data: data.data };
    return data.type === "url" ? { ...part, data: data.url } : part;
  });
  return { ...message, content };
}

function newerPart(part: OlderPart): LanguageModelV4StreamPart {
  return (part.type === "finish" ? { ...part, ...newerEnding(part) } : part) as LanguageModelV4StreamPart;
}

function newerEnding({ finishReason, usage }: { readonly finishReason: unknown; readonly usage: object }): Ending {
  const isPlain = typeof finishReason === "string";
  return {
    finishReason: isPlain ? { unified: newerReason(finishReason), raw: finishReason } : (finishReason as LanguageModelV4FinishReason),
    usage: isPlain ? newerUsage(usage as LanguageModelV2Usage) : (usage as LanguageModelV4Usage),
  };
}

function newerReason(reason: string): LanguageModelV4FinishReason["unified"] {
  return reason === "unknown" ? "other" : (reason as LanguageModelV4FinishReason["unified"]);
}

function newerUsage({ inputTokens, outputTokens, reasoningTokens, cachedInputTokens }: LanguageModelV2Usage): LanguageModelV4Usage {
  return {
    inputTokens: { total: inputTokens, noCache: undefined, cacheRead: cachedInputTokens, cacheWrite: undefined },
    outputTokens: { total: outputTokens, text: undefined, reasoning: reasoningTokens },
  };
}
