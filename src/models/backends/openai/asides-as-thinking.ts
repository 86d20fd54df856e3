import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { PartReader } from "../with-parts.ts";

/**
 * What OpenAI's models say on the way to an answer (`phase: commentary`) is no part of it and shown as thinking; summaries of thinking, of
 * which there may be several, stand apart from each other.
 */
export function asidesAsThinking(): PartReader {
  const asides = new Set<string>();
  let thought = false;

  const begin = (id: string): readonly LanguageModelV4StreamPart[] => {
    const start = { type: "reasoning-start", id } as const;
    return thought ? [start, { type: "reasoning-delta", id, delta: "\n\n" }] : [start];
  };
  const readAside = (part: LanguageModelV4StreamPart & { readonly id: string }): readonly LanguageModelV4StreamPart[] => {
    if (part.type === "text-end") return [{ type: "reasoning-end", id: part.id }];
    if (part.type !== "text-delta") return [part];
    thought = true;
    return [{ ...part, type: "reasoning-delta" }];
  };

  return (part) => {
    if (part.type === "reasoning-start") return begin(part.id);
    if (part.type === "reasoning-delta") thought ||= part.delta !== "";
    if (part.type === "text-start" && part.providerMetadata?.["openai"]?.["phase"] === "commentary") {
      asides.add(part.id);
      return begin(part.id);
    }
    return (part.type === "text-delta" || part.type === "text-end") && asides.has(part.id) ? readAside(part) : [part];
  };
}
