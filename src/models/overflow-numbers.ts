import type { Failure } from "../core/facts/outcome.ts";

/** How engines word the size of a prompt that was too long, and of the context; the first pattern that matches holds. */
const promptWords: readonly RegExp[] = [
  /"n_prompt_tokens":\s*(\d+)/u,
  /request \((\d+) tokens\) exceeds/iu,
  /n_keep:\s*(\d+)/u,
  /Trying to keep the first (\d+) tokens/iu,
  /prompt contains at least (\d+) input tokens/iu,
  /The input \((\d+) tokens\) is longer/iu,
  /(\d+) tokens from the input messages/iu,
  /your messages resulted in (\d+) tokens/iu,
  /\((\d+) in (?:the|your) (?:messages|prompt)/iu,
  /(?:prompt of|prompt is too long:|input token count \() ?(\d+)/iu,
  /you requested (\d+) tokens/iu,
];

const contextWords: readonly RegExp[] = [
  /"n_ctx":\s*(\d+)/u,
  /n_ctx:\s*(\d+)/u,
  /available context size \((\d+) tokens\)/iu,
  /context length of (?:only )?(\d+) tokens/iu,
  /maximum context length is (\d+) tokens/iu,
  /context length \((\d+) tokens\)/iu,
  /max_model_len\s*=\s*(\d+)/u,
  /configured limit of (\d+) tokens/iu,
  /> (\d+) maximum/u,
  /maximum number of tokens allowed \((\d+)\)/iu,
];

/** The numbers in the words with which an engine refuses a prompt, where it says any. Some stop counting a prompt one beyond their limit. */
export function overflowNumbers(words: string): Pick<Failure, "overflow"> {
  const promptTokens = numberIn(words, promptWords);
  const contextTokens = numberIn(words, contextWords);
  if (promptTokens === undefined && contextTokens === undefined) return {};
  return {
    overflow: { ...(promptTokens === undefined ? {} : { promptTokens }), ...(contextTokens === undefined ? {} : { contextTokens }) },
  };
}

function numberIn(words: string, patterns: readonly RegExp[]): number | undefined {
  const plain = words.replaceAll(/(?<=\d),(?=\d{3})/gu, "");
  for (const pattern of patterns) {
    const found = Number(pattern.exec(plain)?.[1]);
    if (Number.isSafeInteger(found) && found > 0) return found;
  }
  return undefined;
}
