import type { FakeRequestBody } from "../../fake-openai-server.ts";
import type { ModelFacts, Refusal } from "../fake-engine.ts";

/** What vLLM finds wrong with a chat request, in its words; a missing parser before a limit (so a real 0.32.0). */
export function invalidChat(body: FakeRequestBody, model: ModelFacts, flags: { readonly toolCalls: boolean }): Refusal | undefined {
  return invalidBody(body) ?? invalidTools(body) ?? (flags.toolCalls ? undefined : toolsWithoutFlags(body)) ?? invalidSettings(body, model);
}

/** Nested, with the parameter at the end of the message and in its field. */
export function error(status: number, message: string, type: string, param: string | null = null): Refusal & { readonly body: object } {
  return { status, body: { error: { message, type, param, code: status } } };
}

/** What the request names, as vLLM writes it behind its sentences. */
function wrong(message: string, param: string, value?: number): Refusal {
  const about = value === undefined ? `(parameter=${param})` : `(parameter=${param}, value=${value})`;
  return error(400, `${message} ${about}`, "BadRequestError", param);
}

function invalidBody({ messages, temperature }: FakeRequestBody & { readonly temperature?: unknown }): Refusal | undefined {
  if (!Array.isArray(messages)) return malformed("missing", "body.messages", "Field required");
  if (messages.length === 0) {
    return error(400, "Cannot apply chat template to an empty conversation. Provide at least one message.", "BadRequestError");
  }
  if (temperature === undefined || temperature === null || typeof temperature === "number") return undefined;
  return malformed("float_parsing", "body.temperature", "Input should be a valid number, unable to parse string as a number");
}

/** A body that does not fit its schema; the type has a space here. */
export function malformed(type: string, place: string, message: string): Refusal {
  return error(400, `1 validation error:\n  {'type': '${type}', 'loc': '${place}', 'msg': '${message}'}`, "Bad Request", place);
}

function invalidSettings(body: FakeRequestBody, { id, vision, contextTokens }: ModelFacts): Refusal | undefined {
  const { max_tokens: limit = 1, response_format: format, stream_options: options, messages } = body;
  if (options !== undefined && body.stream !== true)
    return wrong("Stream options can only be defined when `stream=True`.", "stream_options");
  if (limit < 1) return wrong(`max_tokens must be at least 1, got ${limit}.`, "max_tokens", limit);
  if (limit > contextTokens) {
    const message = `max_tokens=${limit} cannot be greater than max_model_len=${contextTokens}. Please request fewer output tokens.`;
    return wrong(message, "max_tokens", limit);
  }
  if (format?.type === "json_schema" && format.json_schema === undefined) {
    return wrong("When response_format type is 'json_schema', the 'json_schema' field must be provided.", "response_format");
  }
  const images = messages.some(
    ({ content }) => Array.isArray(content) && content.some((part: { type?: string }) => part.type === "image_url"),
  );
  return images && !vision ? error(400, `${id} is not a multimodal model`, "BadRequestError") : undefined;
}

function invalidTools({ tools, tool_choice: choice }: FakeRequestBody): Refusal | undefined {
  if (tools?.length === 0) {
    return wrong("`tools` must not be an empty array. Either provide at least one tool or omit the field entirely.", "tools");
  }
  if (choice === undefined || choice === null || choice === "none") return undefined;
  if (tools === undefined) return wrong("When using `tool_choice`, `tools` must be set.", "tool_choice");
  if (typeof choice === "string" && !["auto", "required"].includes(choice)) {
    const message = `Invalid value for \`tool_choice\`: ${choice}! Only named tools, "none", "auto" or "required" are supported.`;
    return wrong(message, "tool_choice");
  }
  const name = namedTool(choice);
  if (name === undefined || tools.some((tool) => tool.function.name === name)) return undefined;
  return wrong("The tool specified in `tool_choice` does not match any of the specified `tools`", "tool_choice");
}

/** The tool that a request asks for by name. */
export function namedTool(choice: unknown): string | undefined {
  if (typeof choice !== "object" || choice === null || !("function" in choice)) return undefined;
  return (choice.function as { readonly name: string }).name;
}

function toolsWithoutFlags({ tools, tool_choice: choice = "auto" }: FakeRequestBody): Refusal | undefined {
  if (tools === undefined || choice === "none") return undefined;
  const name = namedTool(choice);
  if (name !== undefined) return error(400, `tool_choice=function "${name}" requires --tool-call-parser to be set`, "BadRequestError");
  if (choice === "required") return error(400, 'tool_choice="required" requires --tool-call-parser to be set', "BadRequestError");
  return error(400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set', "BadRequestError");
}
