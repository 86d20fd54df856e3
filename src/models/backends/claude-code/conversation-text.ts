import type { LanguageModelV4Message, LanguageModelV4Prompt } from "@ai-sdk/provider";

/** A prompt as the program takes one: what it is told beforehand, and one text. */
export interface ConversationText {
  readonly system: string;
  readonly text: string;
}

const BEFORE = "This is the conversation so far; you are its assistant. After it comes what to answer.";
const GO_ON = "These are the results of the tools that you called. Go on with them.";

/**
 * The whole conversation as one text, since every call begins anew: what was said before stands between tags, the last message as it is.
 * The text never begins with `/`: that would be a command to the program.
 */
export function conversationText(prompt: LanguageModelV4Prompt): ConversationText {
  const system = prompt.flatMap((message) => (message.role === "system" ? [message.content] : [])).join("\n\n");
  const turns = prompt.filter(({ role }) => role !== "system");
  const last = turns.at(-1);
  const before = turns.slice(0, -1).map((turn) => (turn.role === "tool" ? textOf(turn) : tagged(turn.role, inTags(textOf(turn)))));
  const own = last === undefined ? "" : `${textOf(last)}${last.role === "tool" ? `\n\n${GO_ON}` : ""}`;
  const text = before.length === 0 ? own : `${BEFORE}\n\n${tagged("conversation", before.join("\n"))}\n\n${own}`;
  return { system, text: text.startsWith("/") ? `\n${text}` : text };
}

function textOf(message: LanguageModelV4Message): string {
  if (message.role === "system") return message.content;
  return message.content
    .flatMap((part): readonly string[] => {
      if (part.type === "text") return [part.text];
      if (part.type === "tool-call") return [tagged(`tool_call name="${part.toolName}"`, JSON.stringify(part.input))];
      if (part.type !== "tool-result") return [];
      const { output } = part;
      return [tagged(`tool_result name="${part.toolName}"`, inTags(output.type === "text" ? output.value : JSON.stringify(output)))];
    })
    .join("\n");
}

function tagged(head: string, text: string): string {
  return `<${head}>\n${text}\n</${head.split(" ", 1)[0]}>`;
}

/** Nothing that is said closes the tags around it. */
function inTags(text: string): string {
  return text.replaceAll(/<(\/(?:conversation|user|assistant|tool_result)>)/gu, String.raw`<\$1`);
}
