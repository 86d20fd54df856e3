import type { ToolCall } from "../core/facts/outcome.ts";

/** Frames in which models write calls as text; the first group is what stands inside. */
const FRAMES: readonly RegExp[] = [
  /<tool_calls?>([\s\S]*?)(?:<\/tool_calls?>|$)/gu,
  /<tools?>([\s\S]*?)(?:<\/tools?>|$)/gu,
  /<function[-_]call>([\s\S]*?)(?:<\/function[-_]call>|$)/gu,
  /\[TOOL_REQUEST\]([\s\S]*?)(?:\[END_TOOL_REQUEST\]|$)/gu,
  /\[TOOL_CALLS\]([\s\S]*)$/gu,
  /```(?:json|tool_call|tool_code)?\s*\n([\s\S]*?)(?:```|$)/gu,
];

const NAMED_FUNCTION = /<function=([\w-]+)>([\s\S]*?)(?:<\/function>|$)/gu;
const PARAMETER = /<parameter=([\w-]+)>([\s\S]*?)(?:<\/parameter>|(?=<parameter=)|$)/gu;

/** Texts longer than this hold something else than a call. */
const LONGEST_TEXT = 64_000;

/**
 * Tool calls that a model wrote as text instead of making them. Only calls of an offered tool whose arguments are a JSON object count.
 * @param offered the names of the tools the prompt offered
 */
export function findTextToolCalls(text: string, offered: readonly string[]): readonly ToolCall[] {
  if (text.length > LONGEST_TEXT) return [];
  const found = [...namedFunctions(text), ...framed(text)];
  const calls = (found.length > 0 ? found : callsIn(text)).filter(({ name }) => offered.includes(name));
  return calls.map(({ name, input }, index) => ({ id: `text-call-${index + 1}`, name, input: JSON.stringify(input) }));
}

interface Written {
  readonly name: string;
  readonly input: object;
}

function namedFunctions(text: string): readonly Written[] {
  return [...text.matchAll(NAMED_FUNCTION)].flatMap(([, name = "", body = ""]) => {
    const parameters = [...body.matchAll(PARAMETER)].map(([, key = "", value = ""]) => [key, value.trim()] as const);
    const input = parameters.length > 0 ? Object.fromEntries(parameters) : parsed(body);
    return isObject(input) ? [{ name, input }] : [];
  });
}

function framed(text: string): readonly Written[] {
  for (const frame of FRAMES) {
    const calls = [...text.matchAll(frame)].flatMap(([, inside = ""]) => callsIn(inside));
    if (calls.length > 0) return calls;
  }
  return [];
}

/** The calls of a JSON text: one, a list of them, or several one after the other, a line each. */
function callsIn(json: string): readonly Written[] {
  const whole = parsed(json);
  if (whole !== undefined) return (Array.isArray(whole) ? whole : [whole]).flatMap(callOf);
  return json.split("\n").flatMap((line) => callOf(parsed(line)));
}

function callOf(value: unknown): readonly Written[] {
  if (!isObject(value)) return [];
  const { name, function: called, arguments: given, parameters } = value as Record<string, unknown>;
  if (isObject(called)) return callOf(called);
  const tool = name ?? called;
  const input = typeof given === "string" ? parsed(given) : (given ?? parameters);
  return typeof tool === "string" && isObject(input) ? [{ name: tool, input }] : [];
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json.trim());
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
