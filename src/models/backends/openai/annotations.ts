import { isJson } from "../chatcompletion/wire.ts";
import type { Source, TextEnd } from "../cited-sources.ts";

/** The pages that a text cites, by their titles, as OpenAI and xAI note them beside it. */
export function annotationsIn({ providerMetadata }: TextEnd): readonly Source[] {
  const annotations = providerMetadata?.["openai"]?.["annotations"];
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
