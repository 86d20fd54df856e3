import type { Message } from "../../core/messages.ts";

interface OpenAiMessage {
  readonly role: string;
  readonly content: string;
  readonly tool_calls?: readonly object[];
  readonly tool_call_id?: string;
}

/** A prompt in the form of the OpenAI protocol, as far as counting its tokens needs it. */
export function openAiMessages(messages: readonly Message[]): readonly OpenAiMessage[] {
  return messages.flatMap((message): readonly OpenAiMessage[] => {
    if (message.role === "tool") return message.results.map(({ id, text }) => ({ role: "tool", content: text, tool_call_id: id }));
    const calls = message.role === "assistant" ? (message.toolCalls ?? []) : [];
    const wired = calls.map(({ id, name, input }) => ({ id, type: "function", function: { name, arguments: input } }));
    return [{ role: message.role, content: message.text, ...(wired.length === 0 ? {} : { tool_calls: wired }) }];
  });
}
