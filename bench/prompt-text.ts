import type { Message, Prompt } from "../src/core/messages.ts";

/** A prompt as one text, messages marked by their role as a chat template would. */
export function promptText({ messages }: Pick<Prompt, "messages">): string {
  return messages.map((message) => `<|${message.role}|>\n${textOf(message)}`).join("\n");
}

export function charactersOf(messages: readonly Message[]): number {
  return messages.reduce((total, message) => total + textOf(message).length, 0);
}

export function textOf(message: Message): string {
  return message.role === "tool" ? message.results.map(({ text }) => text).join("\n") : message.text;
}

/** How many characters two texts have in common at their beginning. */
export function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one.charCodeAt(length) === other.charCodeAt(length)) length += 1;
  return length;
}
