import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { PartReader } from "./with-parts.ts";

export type Source = Extract<LanguageModelV4StreamPart, { type: "source" }>;
export type TextEnd = Extract<LanguageModelV4StreamPart, { type: "text-end" }>;

/**
 * The sources of a reply are what its text cites; all that was found where it cites nothing.
 * @param citationsIn what a text that has ended cites, as its provider tells it
 */
export function citedSources(citationsIn: (end: TextEnd) => readonly Source[]): PartReader {
  const found: Source[] = [];
  let isCiting = false;
  return (part) => {
    if (part.type === "source" && part.sourceType === "url") {
      found.push(part);
      return [];
    }
    if (part.type === "finish") return isCiting ? [part] : [...found, part];
    if (part.type !== "text-end") return [part];
    const cited = citationsIn(part);
    isCiting ||= cited.length > 0;
    return [part, ...cited];
  };
}
