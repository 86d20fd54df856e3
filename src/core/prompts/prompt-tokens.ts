import { estimatedTokens } from "../bounds.ts";
import type { Message } from "../messages.ts";

/** What a prompt costs to read, estimated from its characters: counting bytes would copy texts that a hundred readers share. */
export function promptTokens(messages: readonly Message[]): number {
  const texts = messages.flatMap((message) => (message.role === "tool" ? message.results.map(({ text }) => text) : [message.text]));
  return texts.reduce((total, text) => total + estimatedTokens(text), 0);
}
