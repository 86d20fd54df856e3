import type { LanguageModelV4Message, LanguageModelV4Prompt } from "@ai-sdk/provider";

/** A prompt as the program takes one: what it is told beforehand, and one text. */
export interface ConversationText {
  readonly system: string;
  readonly text: string;
}

/**
 * The whole conversation as one text, since every call begins anew: what was said before stands between tags, the last message as it is.
 * The text never begins with `/`: that would be a command to the program.
 */
export function conversationText(prompt: LanguageModelV4Prompt): ConversationText {
  const system = prompt.flatMap((message) => (message.role === "system" ? [message.content] : [])).join("\n\n");
  const turns = prompt.filter(({ role }) => role !== "system");
  const last = turns.at(-1);
  const before = turns.slice(0, -1).map((message) => `<${speaker(message)}>\n${textOf(message)}\n</${speaker(message)}>`);
  const own = last === undefined ? "" : textOf(last);
  const text = before.length === 0 ? own : `${BEFORE}\n\n<conversation>\n${before.join("\n")}\n</conversation>\n\n${own}`;
  return { system, text: text.startsWith("/") ? `\n${text}` : text };
}

const BEFORE = "This is the conversation so far; you are its assistant. After it comes the message to answer.";

function speaker({ role }: LanguageModelV4Message): "assistant" | "user" {
  return role === "assistant" ? "assistant" : "user";
}

function textOf(message: LanguageModelV4Message): string {
  if (message.role === "system") return message.content;
  return message.content
    .flatMap((part): readonly string[] => {
      if (part.type === "text") return [part.text];
      if (part.type === "tool-result") return [part.output.type === "text" ? part.output.value : JSON.stringify(part.output)];
      return [];
    })
    .join("\n");
}
