import type { LanguageModelV4Usage } from "@ai-sdk/provider";
import { isJson, type Json } from "./wire.ts";

/** The usage of a chunk, wherever it stands (Moonshot puts it into the choice), with only the numbers that make sense. */
export function usageIn(chunk: Json, choice: Json | undefined): Json | undefined {
  const usage = [chunk.usage, choice?.usage].find(isJson);
  if (usage === undefined) return undefined;
  const input = isJson(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {};
  const output = isJson(usage.completion_tokens_details) ? usage.completion_tokens_details : {};
  return {
    ...tokens("prompt_tokens", usage.prompt_tokens ?? usage.input_tokens),
    ...tokens("completion_tokens", usage.completion_tokens ?? usage.output_tokens),
    prompt_tokens_details: tokens("cached_tokens", input.cached_tokens ?? usage.cached_tokens ?? usage.prompt_cache_hit_tokens),
    completion_tokens_details: tokens("reasoning_tokens", output.reasoning_tokens),
  };
}

function tokens(name: string, value: unknown): Json {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) && number >= 0 ? { [name]: number } : {};
}

interface WireUsage {
  readonly prompt_tokens?: number | null | undefined;
  readonly completion_tokens?: number | null | undefined;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number | null | undefined } | null | undefined;
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number | null | undefined } | null | undefined;
}

/** Usage as the SDK has it, in which a number nobody reported is missing and not zero. */
export function convertUsage(usage: WireUsage | null | undefined): LanguageModelV4Usage {
  return {
    inputTokens: {
      total: usage?.prompt_tokens ?? undefined,
      noCache: undefined,
      cacheRead: usage?.prompt_tokens_details?.cached_tokens ?? undefined,
      cacheWrite: undefined,
    },
    outputTokens: {
      total: usage?.completion_tokens ?? undefined,
      text: undefined,
      reasoning: usage?.completion_tokens_details?.reasoning_tokens ?? undefined,
    },
  };
}
