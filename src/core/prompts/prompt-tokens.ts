import type { Message } from "../messages.ts";
import { takenTokens } from "./attachments-in-prompt.ts";
import { estimatedTokens } from "./estimated-tokens.ts";

/** Messages with what they cost to read, estimated. */
export interface Measured {
  readonly messages: readonly Message[];
  readonly tokens: number;
}

/** What a chat template puts around a message. */
const FRAME_TOKENS = 4;

/** What a prompt costs to read, estimated. Texts that a hundred readers share are better estimated once (`conversation.ts`). */
export function promptTokens(messages: readonly Message[]): number {
  return messages.reduce((total, message) => total + messageTokens(message), 0);
}

function messageTokens(message: Message): number {
  const files = message.role === "user" ? takenTokens(message.attachments) : 0;
  return textsOf(message).reduce((total, text) => total + estimatedTokens(text), FRAME_TOKENS + files);
}

function textsOf(message: Message): readonly string[] {
  if (message.role === "tool") return message.results.map(({ text }) => text);
  const calls = message.role === "assistant" ? (message.toolCalls ?? []) : [];
  return [message.text, ...calls.flatMap(({ name, input }) => [name, input])];
}
