import type { Turn } from "../facts/settings.ts";
import type { Message } from "../messages.ts";

/**
 * The shape that every chat template takes: user and assistant strictly in turn, the user first. Neighbours of one role become one
 * message; a conversation that begins with the assistant gets `opening` before it.
 */
export function alternate(turns: readonly Turn[], opening: string): readonly Message[] {
  const messages: { role: "user" | "assistant"; text: string }[] = [];
  for (const { role, text } of turns) {
    const last = messages.at(-1);
    if (last?.role === role) last.text += `\n\n${text}`;
    else if (last === undefined && role === "assistant") messages.push({ role: "user", text: opening }, { role, text });
    else messages.push({ role, text });
  }
  return messages;
}
