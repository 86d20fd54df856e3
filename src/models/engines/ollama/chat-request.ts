import { onlyChosenTool } from "../../backends/chatcompletion/open-ai-model.ts";
import { isJson, parseJson, type Json } from "../../backends/chatcompletion/wire.ts";

/** What both protocols have, under the name that the native one has among its options. */
const options: Readonly<Record<string, string>> = {
  max_tokens: "num_predict",
  max_completion_tokens: "num_predict",
  temperature: "temperature",
  top_p: "top_p",
  top_k: "top_k",
  seed: "seed",
  stop: "stop",
  presence_penalty: "presence_penalty",
  frequency_penalty: "frequency_penalty",
};

/** What is said in another way or not at all; every other field goes on as it is. */
const consumed = new Set([...Object.keys(options), "messages", "response_format", "tools", "tool_choice", "stream_options", "options"]);

/**
 * A request of the OpenAI protocol as one of `/api/chat`. What does not fit the context is refused instead of cut (`truncate`), and a reply
 * that reaches its end is ended instead of forgetting the question (`shift`).
 * @param contextTokens the context that the model is to be loaded with; absent: the server's own
 */
export function chatRequest(body: Json, contextTokens: number | undefined): Json {
  const format = formatOf(body.response_format);
  const tools = toolsOf(body);
  return {
    truncate: false,
    shift: false,
    ...Object.fromEntries(Object.entries(body).filter(([name]) => !consumed.has(name))),
    messages: messagesOf(body.messages),
    ...(format === undefined ? {} : { format }),
    ...(tools.length === 0 ? {} : { tools }),
    options: {
      ...(contextTokens === undefined ? {} : { num_ctx: contextTokens }),
      ...samplingOf(body),
      ...(isJson(body.options) ? body.options : {}),
    },
    stream: true,
  };
}

function samplingOf(body: Json): Json {
  const given = Object.entries(options).filter(([name]) => body[name] !== undefined && body[name] !== null);
  return Object.fromEntries(given.map(([name, native]) => [native, native === "num_predict" ? atLeastOne(body[name]) : body[name]]));
}

/** Zero would be no limit at all. */
function atLeastOne(tokens: unknown): number {
  return Math.max(1, Number(tokens));
}

function formatOf(format: unknown): unknown {
  if (!isJson(format)) return undefined;
  if (format.type === "json_schema") return isJson(format.json_schema) ? format.json_schema.schema : "json";
  return format.type === "json_object" ? "json" : undefined;
}

/** `tool_choice` would be ignored: what is not to be called is not offered. */
function toolsOf(body: Json): readonly unknown[] {
  if (body.tool_choice === "none" || !Array.isArray(body.tools)) return [];
  const { tools } = onlyChosenTool(body);
  return Array.isArray(tools) ? tools : [];
}

function messagesOf(messages: unknown): readonly Json[] {
  const all = Array.isArray(messages) ? messages.filter(isJson) : [];
  const names = new Map(
    all.flatMap(({ tool_calls: calls }) => callsIn(calls)).map((call) => [call.id, isJson(call.function) ? call.function.name : undefined]),
  );
  return all.map(({ content, reasoning_content: thinking, tool_calls: calls, ...message }) => {
    const toolName = names.get(message.tool_call_id);
    const images = imagesIn(content);
    return {
      ...message,
      content: textOf(content),
      ...(typeof thinking === "string" && thinking !== "" ? { thinking } : {}),
      ...(images.length === 0 ? {} : { images }),
      ...(calls === undefined ? {} : { tool_calls: callsIn(calls).map(nativeCall) }),
      ...(toolName === undefined ? {} : { tool_name: toolName }),
    };
  });
}

/** Parts are refused. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return partsIn(content)
    .map(({ text }) => (typeof text === "string" ? text : ""))
    .join("");
}

/** Images without the head of their address; Ollama fetches none. */
function imagesIn(content: unknown): readonly string[] {
  return partsIn(content).flatMap(({ image_url: image }) => {
    const url = isJson(image) ? image.url : undefined;
    return typeof url === "string" ? [url.replace(/^data:[^,]*,/u, "")] : [];
  });
}

function partsIn(content: unknown): readonly Json[] {
  return Array.isArray(content) ? content.filter(isJson) : [];
}

function callsIn(calls: unknown): readonly Json[] {
  return Array.isArray(calls) ? calls.filter(isJson) : [];
}

/** Arguments that are no object are refused. */
function nativeCall({ id, function: called }: Json): Json {
  const { name, arguments: written } = isJson(called) ? called : {};
  const parsed = typeof written === "string" ? parseJson(written) : written;
  return { id, function: { name, arguments: isJson(parsed) ? parsed : {} } };
}
