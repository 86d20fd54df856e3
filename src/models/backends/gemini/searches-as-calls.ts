import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { isJson } from "../chatcompletion/wire.ts";
import type { PartReader } from "../with-parts.ts";

/** Searches as calls of a tool of the provider's own: Gemini tells them only as data of the reply's last chunks. */
export function searchesAsCalls(): PartReader {
  const told = new Set<string>();
  return (part) => {
    if (part.type !== "raw") return [part];
    const calls = queriesIn(part.rawValue).flatMap((query): readonly LanguageModelV4StreamPart[] => {
      if (told.has(query)) return [];
      told.add(query);
      const input = JSON.stringify({ query });
      return [{ type: "tool-call", toolCallId: `search-${told.size}`, toolName: "google_search", input, providerExecuted: true }];
    });
    return [part, ...calls];
  };
}

function queriesIn(chunk: unknown): readonly string[] {
  const [candidate] = isJson(chunk) && Array.isArray(chunk["candidates"]) ? (chunk["candidates"] as readonly unknown[]) : [];
  const grounding = isJson(candidate) ? candidate["groundingMetadata"] : undefined;
  const queries = isJson(grounding) ? grounding["webSearchQueries"] : undefined;
  return Array.isArray(queries) ? queries.filter((query) => typeof query === "string") : [];
}
