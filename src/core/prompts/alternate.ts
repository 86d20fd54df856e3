import type { Attachment } from "../facts/attachment.ts";
import type { Turn } from "../facts/settings.ts";
import type { Message } from "../messages.ts";

/**
 * The shape that every chat template takes: user and assistant strictly in turn, the user first. Neighbours of one role become one
 * message, their files before it; a conversation that begins with the assistant gets `opening` before it.
 */
export function alternate(turns: readonly Turn[], opening: string): readonly Message[] {
  const messages: { role: "user" | "assistant"; text: string; attachments?: readonly Attachment[] }[] = [];
  for (const { role, text, attachments = [] } of turns) {
    const last = messages.at(-1);
    if (last === undefined && role === "assistant") messages.push({ role: "user", text: opening });
    if (last?.role === role) last.text += `\n\n${text}`;
    else messages.push({ role, text });
    const message = messages.at(-1);
    if (attachments.length > 0 && message !== undefined) message.attachments = [...(message.attachments ?? []), ...attachments];
  }
  return messages;
}
