import type { Message } from "../../core/messages.ts";

/** A prompt in the form of the OpenAI protocol, as far as counting its tokens needs it. */
export function openAiMessages(messages: readonly Message[]): readonly { readonly role: string; readonly content: string }[] {
  return messages.flatMap((message) =>
    message.role === "tool"
      ? message.results.map(({ text }) => ({ role: "tool", content: text }))
      : [{ role: message.role, content: message.text }],
  );
}
