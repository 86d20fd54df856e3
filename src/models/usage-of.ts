import type { LanguageModelV4Usage } from "@ai-sdk/provider";
import type { Usage } from "../core/facts/outcome.ts";
import type { Prompt } from "../core/messages.ts";
import { promptTokens } from "../core/prompts/prompt-tokens.ts";
import { CHARACTERS_PER_TOKEN } from "../core/bounds.ts";

/** A call that reached no model cost nothing, and that is no estimate. */
export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, estimated: false };

/** No single call takes more tokens than this. */
const MOST_TOKENS = 1_000_000_000;

/**
 * What a call cost. Numbers an engine did not report, or that cannot be right (NaN, negative, none for a text that is there, more than
 * any call can take), are estimated.
 * @param outputBytes UTF-8 bytes of all that came: text, thinking and tool arguments
 */
export function usageOf(reported: LanguageModelV4Usage | undefined, prompt: Prompt, outputBytes: number): Usage {
  const input = wholeInput(count(reported?.inputTokens.total), count(reported?.inputTokens.cacheRead));
  const output = count(reported?.outputTokens.total);
  const inputTokens = input === undefined || input === 0 ? estimateOf(prompt) : input;
  const outputTokens = output === undefined || (output === 0 && outputBytes > 0) ? Math.ceil(outputBytes / CHARACTERS_PER_TOKEN) : output;
  return {
    inputTokens,
    outputTokens,
    ...partOf("cachedInputTokens", reported?.inputTokens.cacheRead, inputTokens),
    ...partOf("reasoningTokens", reported?.outputTokens.reasoning, outputTokens),
    estimated: inputTokens !== input || outputTokens !== output,
  };
}

function estimateOf(prompt: Prompt): number {
  return prompt.promptTokens ?? promptTokens(prompt.messages);
}

/** An engine that found more in its cache than it says the prompt has counts only what it had to compute. */
function wholeInput(input: number | undefined, cached: number | undefined): number | undefined {
  return input !== undefined && cached !== undefined && cached > input ? input + cached : input;
}

/** A count within another; one that is larger than the whole cannot be right. */
function partOf(name: "cachedInputTokens" | "reasoningTokens", reported: number | undefined, whole: number): Partial<Usage> {
  const part = count(reported);
  return part === undefined || part > whole ? {} : { [name]: part };
}

function count(tokens: number | undefined): number | undefined {
  return tokens !== undefined && tokens >= 0 && tokens <= MOST_TOKENS ? Math.round(tokens) : undefined;
}
