import type { LanguageModelV4, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { isJson } from "../chatcompletion/wire.ts";

/** The same model with its searches as calls of a tool of the provider's own: Gemini tells them only as data of the reply's last chunks. */
export function tellingSearches(model: LanguageModelV4): LanguageModelV4 {
  return {
    specificationVersion: model.specificationVersion,
    provider: model.provider,
    modelId: model.modelId,
    supportedUrls: model.supportedUrls,
    doGenerate: (options) => model.doGenerate(options),
    async doStream(options) {
      const result = await model.doStream(options);
      return { ...result, stream: result.stream.pipeThrough(searchesToCalls()) };
    },
  };
}

function searchesToCalls(): TransformStream<LanguageModelV4StreamPart, LanguageModelV4StreamPart> {
  const told = new Set<string>();
  return new TransformStream({
    transform(part, controller) {
      controller.enqueue(part);
      if (part.type !== "raw") return;
      for (const query of queriesIn(part.rawValue).filter((query) => !told.has(query))) {
        told.add(query);
        const input = JSON.stringify({ query });
        controller.enqueue({
          type: "tool-call",
          toolCallId: `search-${told.size}`,
          toolName: "google_search",
          input,
          providerExecuted: true,
        });
      }
    },
  });
}

function queriesIn(chunk: unknown): readonly string[] {
  const [candidate] = isJson(chunk) && Array.isArray(chunk["candidates"]) ? (chunk["candidates"] as readonly unknown[]) : [];
  const grounding = isJson(candidate) ? candidate["groundingMetadata"] : undefined;
  const queries = isJson(grounding) ? grounding["webSearchQueries"] : undefined;
  return Array.isArray(queries) ? queries.filter((query) => typeof query === "string") : [];
}
