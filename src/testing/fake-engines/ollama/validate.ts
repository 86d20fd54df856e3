import type { FakeRequestBody } from "../../fake-openai-server.ts";
import type { ModelFacts, Refusal } from "../fake-engine.ts";

/** What the model cannot do, or an option of the wrong type. */
export function invalidRequest(
  body: FakeRequestBody,
  model: ModelFacts,
  { name, think }: { readonly name: string; readonly think: unknown },
): Refusal | undefined {
  if ((body.tools?.length ?? 0) > 0 && !model.tools) return refusal(400, `registry.ollama.ai/library/${model.id} does not support tools`);
  if (think !== undefined && think !== false && !model.reasoning) return refusal(400, `"${name}" does not support thinking`);
  return invalidFormat(body["format"]) ?? invalidOption(body["options"]);
}

/** What `/v1` finds wrong with the messages. */
export function invalidHistory({ messages }: FakeRequestBody): string | undefined {
  if (!Array.isArray(messages) || messages.length === 0) return "[] is too short - 'messages'";
  const calls = messages.flatMap((message) => ("tool_calls" in message && Array.isArray(message.tool_calls) ? message.tool_calls : []));
  return calls.every(hasArguments) ? undefined : "invalid tool call arguments";
}

function hasArguments(call: { readonly function: { readonly arguments: string } }): boolean {
  try {
    JSON.parse(call.function.arguments);
    return true;
  } catch {
    return false;
  }
}

function invalidFormat(format: unknown): Refusal | undefined {
  if (typeof format !== "string" || format === "json" || format === "") return undefined;
  const written = JSON.stringify(JSON.stringify(format));
  return refusal(500, `invalid format: ${written}; expected "json" or a valid JSON Schema object`);
}

function invalidOption(options: unknown): Refusal | undefined {
  const numbers: Readonly<Record<string, string>> = {
    temperature: "float32",
    top_p: "float32",
    num_ctx: "integer",
    num_predict: "integer",
  };
  const wrong = Object.entries(options ?? {}).find(([name, value]) => name in numbers && typeof value !== "number");
  return wrong === undefined ? undefined : refusal(500, `option "${wrong[0]}" must be of type ${numbers[wrong[0]]}`);
}

function refusal(status: number, error: string): Refusal {
  return { status, body: { error } };
}
