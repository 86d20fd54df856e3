import { isJson, type Json } from "../../backends/chatcompletion/wire.ts";

/**
 * Calls and their results as what was said, where no tools are offered: templates refuse results (Gemma 2), several calls in one
 * message (Llama 3.1) or the ids of others (Mistral).
 */
export function callsAsText<Body extends object>(body: Body & { readonly messages?: unknown }): Body {
  if (!Array.isArray(body.messages)) return body;
  const messages: Record<string, unknown>[] = [];
  for (const message of body.messages.filter(isJson)) {
    const last = messages.at(-1);
    if (message.role !== "tool") messages.push(withCallsSaid(message));
    else if (last?.role !== "user") messages.push({ role: "user", content: message.content });
    // Each call of a message has the same result.
    else if (last.content !== message.content) last.content = `${String(last.content)}\n${String(message.content)}`;
  }
  return { ...body, messages };
}

function withCallsSaid({ tool_calls: calls, ...message }: Json): Json {
  if (!Array.isArray(calls)) return message;
  const said = calls.filter(isJson).flatMap(({ function: called }) => (isJson(called) ? [JSON.stringify(called)] : []));
  const text = typeof message.content === "string" && message.content !== "" ? [message.content] : [];
  return { ...message, content: [...text, ...said].join("\n") };
}
