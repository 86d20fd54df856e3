import { estimatedTokens } from "../bounds.ts";
import type { Message } from "../messages.ts";

/** What a prompt costs to read, estimated. */
export function promptTokens(messages: readonly Message[]): number {
  const texts = messages.flatMap((message) => (message.role === "tool" ? message.results.map(({ text }) => text) : [message.text]));
  return texts.reduce((total, text) => total + estimatedTokens(text), 0);
}
