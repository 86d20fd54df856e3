import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { Activity, Cited } from "../core/facts/outcome.ts";
import type { Delta } from "./model.ts";

/** In characters: enough to see what was looked for and found, little enough for a log. */
const LONGEST_INPUT = 4_000;
const LONGEST_OUTPUT = 8_000;
const MOST_SOURCES = 100;

/** Gathers what a provider's own tools do and what a reply cites, apart from what the model says. */
export interface Activities {
  /** @returns what to show of this part; `quiet` for one that is taken and shows nothing; undefined for one that is none of these */
  take(part: LanguageModelV4StreamPart): Extract<Delta, { type: "activity" }> | { readonly type: "quiet" } | undefined;
  collected(): { readonly activity?: readonly Activity[]; readonly sources?: readonly Cited[] };
}

const QUIET = { type: "quiet" } as const;

export function createActivities(): Activities {
  const byCall = new Map<string, Activity>();
  const inputsOf = new Set<string>();
  const sources = new Map<string, Cited>();

  const takeSource = (part: Extract<LanguageModelV4StreamPart, { type: "source" }>): void => {
    const url = part.sourceType === "url" ? part.url : undefined;
    const title = part.title === undefined || part.title === "" ? undefined : part.title;
    const key = url ?? title ?? "";
    if (key === "" || (sources.size >= MOST_SOURCES && !sources.has(key))) return;
    sources.set(key, { ...sources.get(key), ...(url !== undefined && { url }), ...(title !== undefined && { title }) });
  };

  const takeCall = (part: Extract<LanguageModelV4StreamPart, { type: "tool-call" }>): ReturnType<Activities["take"]> => {
    if (part.providerExecuted !== true) return undefined;
    const input = shown(part.input, LONGEST_INPUT);
    byCall.set(part.toolCallId, { tool: part.toolName, input });
    return { type: "activity", tool: part.toolName, input };
  };

  const takeResult = ({
    toolCallId,
    toolName,
    result,
    isError,
  }: Extract<LanguageModelV4StreamPart, { type: "tool-result" }>): ReturnType<Activities["take"]> => {
    const output = shown(typeof result === "string" ? result : JSON.stringify(result, readable), LONGEST_OUTPUT);
    const called = byCall.get(toolCallId) ?? { tool: toolName, input: "{}" };
    const told = isBlank(called.input) ? inputIn(result) : undefined;
    const input = told === undefined ? called.input : shown(told, LONGEST_INPUT);
    byCall.set(toolCallId, { ...called, input, output, ...(isError === true && { failed: true }) });
    return told === undefined ? QUIET : { type: "activity", tool: called.tool, input };
  };

  return {
    take(part) {
      switch (part.type) {
        case "source":
          takeSource(part);
          return QUIET;
        case "tool-input-start":
          if (part.providerExecuted !== true) return undefined;
          inputsOf.add(part.id);
          return QUIET;
        case "tool-input-delta":
        case "tool-input-end":
          return inputsOf.has(part.id) ? QUIET : undefined;
        case "tool-call":
          return takeCall(part);
        case "tool-result":
          return takeResult(part);
        default:
          return undefined;
      }
    },
    collected: () => ({
      ...(byCall.size > 0 && { activity: [...byCall.values()] }),
      ...(sources.size > 0 && { sources: [...sources.values()] }),
    }),
  };
}

function isBlank(input: string): boolean {
  return input === "" || input === "{}";
}

/** What a tool was given, where that is told only with what it found: OpenAI and xAI put a query there. */
function inputIn(result: unknown): string | undefined {
  if (typeof result !== "object" || result === null) return undefined;
  const { action, code } = result as Readonly<Record<"action" | "code", unknown>>;
  if (typeof code === "string" && code !== "") return JSON.stringify({ code });
  if (typeof action !== "object" || action === null) return undefined;
  const { type, ...search } = action as { readonly type?: unknown };
  return JSON.stringify(type === "search" ? search : action);
}

/** What only the provider can read is for nobody else. */
function readable(name: string, value: unknown): unknown {
  return name.startsWith("encrypted") ? undefined : value;
}

function shown(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).toWellFormed()}…`;
}
