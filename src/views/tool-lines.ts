import type { FactOf } from "../core/facts.ts";
import type { RunState, ToolUse } from "../core/state.ts";
import { counted, duration } from "./measures.ts";
import { excerpt, plainText } from "./plain-text.ts";
import type { TimelineLine, Verbosity } from "./timeline-line.ts";

const EXCERPT_CHARACTERS = 100;

/** That a tool is called, and with what. */
export function toolCallLine(request: FactOf<"tool-requested">): TimelineLine {
  return { tone: "plain", text: callText(request) };
}

function callText({ agent, name, input }: FactOf<"tool-requested">): string {
  const given = excerpt(input, EXCERPT_CHARACTERS);
  return `${agent} calls ${excerpt(name, EXCERPT_CHARACTERS)}${given === "{}" ? "" : ` ${given}`}`;
}

/** A call with what came of it, on one line. */
export function toolUseText({ request, outcome }: ToolUse): string {
  const text = callText(request);
  switch (outcome?.type) {
    case "result":
      return `${text}: "${excerpt(outcome.text, EXCERPT_CHARACTERS)}"${outcome.cut === undefined ? "" : " (cut off)"}`;
    case "failed":
      return `${text}, which failed: ${excerpt(outcome.text, EXCERPT_CHARACTERS)}`;
    case "cancelled":
    case "interrupted":
      return `${text}, which was ${outcome.type}`;
    case undefined:
      return text;
  }
}

/** What came of it: what failed is told in any case, results where more is wanted, and whole at `debug`. */
export function toolResultLines({ toolId }: FactOf<"tool-settled">, state: RunState, verbosity: Verbosity): readonly TimelineLine[] {
  const use = state.tools.get(toolId);
  if (use?.outcome === undefined) return [];
  const { agent, name } = use.request;
  const { outcome } = use;
  const took = duration(state.clock.elapsed - use.requestedAt);
  if (outcome.type === "failed")
    return [{ tone: "warning", text: `${name} of ${agent} failed: ${excerpt(outcome.text, 2 * EXCERPT_CHARACTERS)}` }];
  if (verbosity === "normal") return [];
  if (outcome.type !== "result") return [{ tone: "faint", text: `${name} of ${agent} was ${outcome.type}` }];
  const { text, cut = 0 } = outcome;
  const size = `${counted(text.length, "character")}${cut === 0 ? "" : ` of ${text.length + cut}`}`;
  const line: TimelineLine = { tone: "faint", text: `${name} of ${agent} gave ${size} (${took}) "${excerpt(text, EXCERPT_CHARACTERS)}"` };
  return verbosity === "debug" ? [line, ...wholeResult(use, text)] : [line];
}

function wholeResult({ request }: ToolUse, text: string): readonly TimelineLine[] {
  const lines = plainText(text).split("\n");
  return lines.map((line) => ({ tone: "faint", text: `< result of ${plainText(request.name)}: ${line}` }));
}
