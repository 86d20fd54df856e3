import type { Learned } from "./experience.ts";

/** Where no speed is known yet, a head of so many tokens is worth waiting for. */
const LONG_HEAD_TOKENS = 256;

/**
 * Whether calls with a common head are faster one after the other, each finding the head in the cache, than all at once, each reading it:
 * reading it once more would take longer than one call writes.
 * @param headTokens of the prompt, nearly all of which is the common head
 * @param outputTokens that one call will write, about
 */
export function isWorthSharing({ promptPerSecond, tokensPerSecond }: Learned, headTokens: number, outputTokens: number): boolean {
  if (promptPerSecond === undefined || tokensPerSecond === undefined) return headTokens >= LONG_HEAD_TOKENS;
  return headTokens / promptPerSecond > outputTokens / tokensPerSecond;
}
