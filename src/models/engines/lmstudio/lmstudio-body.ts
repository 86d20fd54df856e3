import { isJson, type Json } from "../../backends/chatcompletion/wire.ts";
import { onlyChosenTool } from "../../backends/chatcompletion/open-ai-model.ts";

/** A field of ours that never reaches the wire: it asks for a reply without thinking, in the model's own words. */
export const NO_THINK = "no_think";

/** What LM Studio takes: no object as tool choice, no JSON without a schema, no tool result but a string. */
export function lmStudioBody(body: Record<string, unknown>): Record<string, unknown> {
  const { [NO_THINK]: noThink, ...sent } = onlyChosenTool(body);
  const { messages, response_format: format } = sent;
  return {
    ...sent,
    ...(Array.isArray(messages) ? { messages: withSwitch(messages.map(asString), noThink === true) } : {}),
    ...(isJson(format) && format.type === "json_object" ? { response_format: ANY_JSON } : {}),
  };
}

const ANY_JSON = { type: "json_schema", json_schema: { name: "json", schema: { type: "object" } } };

function asString(message: unknown): unknown {
  if (!isJson(message) || message.role !== "tool" || typeof message.content === "string") return message;
  return { ...message, content: JSON.stringify(message.content ?? "") };
}

/** Qwen 3 reads its switch at the end of what the user said, where it leaves the head of the prompt as it is. */
function withSwitch(messages: readonly unknown[], off: boolean): readonly unknown[] {
  const last = messages.at(-1);
  if (!off || !isJson(last) || last.role !== "user") return messages;
  return [...messages.slice(0, -1), { ...last, content: switchedOff(last) }];
}

function switchedOff({ content }: Json): unknown {
  return Array.isArray(content)
    ? [...(content as readonly unknown[]), { type: "text", text: "/no_think" }]
    : `${String(content)} /no_think`;
}
