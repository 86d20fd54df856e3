import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { shorten } from "./server-said.ts";

/** Why a reply ended for a content policy, as its provider says: a sentence (Anthropic, Google), else the mere name of the reason. */
export function reasonToWithhold({
  finishReason,
  providerMetadata = {},
}: Extract<LanguageModelV4StreamPart, { type: "finish" }>): string | undefined {
  if (finishReason.unified !== "content-filter") return undefined;
  const { anthropic, google } = providerMetadata as Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;
  const { explanation } = (anthropic?.["stopDetails"] ?? {}) as { readonly explanation?: unknown };
  const sentence = [explanation, google?.["finishMessage"]].find((words) => typeof words === "string" && words !== "");
  const words = (sentence as string | undefined) ?? finishReason.raw;
  return words === undefined ? undefined : shorten(words);
}
