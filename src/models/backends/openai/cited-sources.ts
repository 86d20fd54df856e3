import type { LanguageModelV4StreamPart, SharedV4ProviderMetadata } from "@ai-sdk/provider";
import { isJson } from "../chatcompletion/wire.ts";
import type { PartReader } from "../with-parts.ts";

type Source = Extract<LanguageModelV4StreamPart, { type: "source" }>;

/** The sources of a reply are the pages that its text cites, by their titles; all that was found where it cites none. */
export function citedSources(): PartReader {
  const found: Source[] = [];
  let isCiting = false;
  return (part) => {
    if (part.type === "source" && part.sourceType === "url") {
      found.push(part);
      return [];
    }
    if (part.type === "finish") return isCiting ? [part] : [...found, part];
    if (part.type !== "text-end") return [part];
    const cited = citationsIn(part.providerMetadata);
    isCiting ||= cited.length > 0;
    return [part, ...cited];
  };
}

function citationsIn(metadata: SharedV4ProviderMetadata | undefined): readonly Source[] {
  const annotations = metadata?.["openai"]?.["annotations"];
  if (!Array.isArray(annotations)) return [];
  return annotations.flatMap((annotation, index): readonly Source[] => {
    if (!isJson(annotation) || annotation["type"] !== "url_citation" || typeof annotation["url"] !== "string") return [];
    const title = typeof annotation["title"] === "string" ? { title: annotation["title"] } : {};
    return [{ type: "source", sourceType: "url", id: `cited-${index}`, url: withoutMark(annotation["url"]), ...title }];
  });
}

/** The address without the mark by which OpenAI tells pages who sent a reader. */
function withoutMark(address: string): string {
  return address.replace(/[?&]utm_source=openai$/u, "");
}
