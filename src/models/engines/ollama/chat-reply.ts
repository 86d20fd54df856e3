import { isJson, type Json } from "../../backends/chatcompletion/wire.ts";
import type { Measures } from "../../measures.ts";
import { createJsonLines, type Line } from "./json-lines.ts";

/**
 * Turns the lines of `/api/chat` into the events of the OpenAI protocol. A reply is over when a line says `done`; without one it ends
 * without an end, as a reply that was cut. What is no object goes on as it is, for whoever reads it to judge.
 * @param measure what the numbers of the last line say of the call
 */
export function chatEvents(measure: (last: Json) => Measures): TransformStream<Uint8Array, Uint8Array> {
  const lines = createJsonLines();
  const [decoder, encoder] = [new TextDecoder(), new TextEncoder()];
  let anyCalls = false;
  let isOver = false;

  const eventsOf = (line: Line): string => {
    if (isOver) return "";
    if (line.type === "other") return `data: ${line.text}\n\n`;
    const { value } = line;
    if (value.error !== undefined) return event({ error: value.error });
    const delta = deltaOf(value.message);
    anyCalls ||= "tool_calls" in delta;
    if (value.done !== true) return event({ choices: [{ index: 0, delta }] });
    isOver = true;
    const choices = [{ index: 0, delta, finish_reason: anyCalls ? "tool_calls" : finishOf(value.done_reason) }];
    return `${event({ choices, usage: usageIn(value), massgen: measure(value) })}data: [DONE]\n\n`;
  };
  const pass = (found: readonly Line[], controller: TransformStreamDefaultController<Uint8Array>): void => {
    const events = found.map(eventsOf).join("");
    if (events !== "") controller.enqueue(encoder.encode(events));
  };

  return new TransformStream({
    transform: (bytes, controller) => pass(lines.feed(decoder.decode(bytes, { stream: true })), controller),
    flush: (controller) => pass([...lines.feed(decoder.decode()), ...lines.end()], controller),
  });
}

function event(chunk: Json): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

/** A line may hold thinking, text and calls at once. */
function deltaOf(message: unknown): Json {
  if (!isJson(message)) return {};
  const { content, thinking, tool_calls: calls } = message;
  return {
    ...(typeof thinking === "string" && thinking !== "" ? { reasoning_content: thinking } : {}),
    ...(typeof content === "string" && content !== "" ? { content } : {}),
    ...(Array.isArray(calls) && calls.length > 0 ? { tool_calls: calls.filter(isJson).map(wholeCall) } : {}),
  };
}

/** Every call comes whole, and several may carry the same index. */
function wholeCall({ id, function: called }: Json): Json {
  const { name, arguments: given } = isJson(called) ? called : {};
  return { id, type: "function", function: { name, arguments: given } };
}

function finishOf(reason: unknown): string {
  return reason === "length" ? "length" : "stop";
}

/** The whole prompt is counted, also what of it was in the cache. */
function usageIn({ prompt_eval_count: input, eval_count: output }: Json): Json {
  return { prompt_tokens: input, completion_tokens: output };
}
