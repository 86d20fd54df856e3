import type { FakeReply } from "../fake-openai/fake-reply.ts";
import type { FakeEngineRequest } from "./fake-engine.ts";

const REASON = "It is the most complete.";

/** What a fake engine says when its test does not: the ballot that is asked for, by schema or by tool, or a text that names the model. */
export function councilAnswer({ body, model }: FakeEngineRequest): FakeReply {
  const schema = body.response_format?.json_schema?.schema ?? body["format"];
  if (isRecord(schema)) return { text: JSON.stringify(exampleOf(schema)) };
  if (body.response_format?.type === "json_object" || schema === "json") return { text: '{"answer":"yes"}' };
  const tool = body.tool_choice === "none" ? undefined : body.tools?.find(({ function: { name } }) => name === "ballot");
  if (tool !== undefined) return { toolCalls: [{ name: "ballot", arguments: exampleOf(parametersOf(tool)) }] };
  return { text: `This is the answer of ${model}, worked out step by step and checked twice.` };
}

function parametersOf(tool: { readonly function: object }): Readonly<Record<string, unknown>> {
  return "parameters" in tool.function && isRecord(tool.function.parameters) ? tool.function.parameters : {};
}

/** The smallest plausible value of a schema: the first of an enum, a short text, what is required. */
function exampleOf(schema: Readonly<Record<string, unknown>>): unknown {
  if (Array.isArray(schema["enum"])) return schema["enum"][0] as unknown;
  if ("const" in schema) return schema["const"];
  if (isRecord(schema["properties"])) {
    return Object.fromEntries(
      Object.entries(schema["properties"]).map(([name, value]) => [name, isRecord(value) ? exampleOf(value) : null]),
    );
  }
  const examples: Readonly<Record<string, unknown>> = {
    string: REASON.slice(0, Number(schema["maxLength"] ?? REASON.length)),
    number: 1,
    integer: 1,
    boolean: true,
    array: [],
  };
  return examples[String(schema["type"])] ?? {};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
