import type { FakeRequestBody } from "../../fake-openai-server.ts";
import type { ModelFacts, Refusal } from "../fake-engine.ts";

/** What llama-server refuses before it looks for a slot. */
export function invalidChat(body: FakeRequestBody, model: ModelFacts): Refusal | undefined {
  if (!Array.isArray(body.messages)) return error(400, "'messages' is required", "invalid_request_error");
  const tools = (body.tools?.length ?? 0) > 0;
  if (tools && body["grammar"] !== undefined) {
    return error(400, "Cannot use custom grammar constraints with tools.", "invalid_request_error");
  }
  if (typeof body.tool_choice === "string" && !["auto", "none", "required"].includes(body.tool_choice)) {
    return error(400, `Invalid tool_choice: ${body.tool_choice}`, "invalid_request_error");
  }
  if (!model.vision && body.messages.some(({ content }) => Array.isArray(content) && content.some(isImage))) {
    return error(500, "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj", "server_error");
  }
  if (model.tools && !body.messages.every(hasArguments)) {
    return error(500, "Failed to parse tool call arguments as JSON: [json.exception.parse_error.101] parse error", "server_error");
  }
  return undefined;
}

/** `{error:{code,message,type}}`, with what else belongs to it. */
export function error(status: number, message: string, type: string, more: object = {}): Refusal & { readonly body: object } {
  return { status, body: { error: { code: status, message, type, ...more } } };
}

function isImage(part: unknown): boolean {
  return typeof part === "object" && part !== null && "type" in part && part.type === "image_url";
}

function hasArguments(message: object): boolean {
  const calls = "tool_calls" in message && Array.isArray(message.tool_calls) ? message.tool_calls : [];
  return (calls as readonly { readonly function: { readonly arguments: unknown } }[]).every(({ function: { arguments: text } }) => {
    try {
      return typeof text !== "string" || JSON.parse(text) !== undefined;
    } catch {
      return false;
    }
  });
}
