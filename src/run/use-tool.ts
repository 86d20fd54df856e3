import type { FactOf } from "../core/facts.ts";
import type { ToolOutcome } from "../core/facts/effects.ts";
import { estimatedTokens } from "../core/prompts/estimated-tokens.ts";
import type { Clock } from "../models/clock.ts";
import type { Tool } from "../tools/tool.ts";

type Request = FactOf<"tool-requested">;

interface Limits {
  readonly clock: Clock;
  /** How long the tool may take, in milliseconds. */
  readonly toolMs: number;
}

/** Longest reason of a failure, in characters. */
const LONGEST_REASON = 2_000;

/** Has a tool do what a model asked for. Never throws: what went wrong is told to the model. A tool that does not listen is not waited for. */
export async function useTool(tool: Tool | undefined, request: Request, limits: Limits, cancelled: AbortSignal): Promise<ToolOutcome> {
  if (tool === undefined) return { type: "failed", text: "it is not there any more" };
  const input = parsed(request.input);
  if (input === undefined) return { type: "failed", text: "its input is not a JSON object" };
  if (cancelled.aborted) return { type: "cancelled" };
  const given = new AbortController();
  const signal = AbortSignal.any([cancelled, given.signal]);
  const { promise: over, resolve: giveUp } = Promise.withResolvers<ToolOutcome>();
  const cancel = (): void => giveUp({ type: "cancelled" });
  cancelled.addEventListener("abort", cancel, { once: true });
  const { clock, toolMs } = limits;
  const undo = clock.schedule(clock.now() + toolMs, () => {
    given.abort(new Error("out of time"));
    giveUp({ type: "failed", text: `it gave no result within ${Math.round(toolMs / 100) / 10} seconds` });
  });
  try {
    return await Promise.race([over, execute(tool, input, request.maxTokens, signal)]);
  } finally {
    undo();
    cancelled.removeEventListener("abort", cancel);
  }
}

async function execute(tool: Tool, input: Readonly<Record<string, unknown>>, maxTokens: number, signal: AbortSignal): Promise<ToolOutcome> {
  try {
    return bounded(asText(await tool.execute(input, { signal })), maxTokens);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { type: "failed", text: text.slice(0, LONGEST_REASON).toWellFormed() };
  }
}

/** Models leave the input out where a tool takes none. */
function parsed(input: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = input.trim() === "" ? {} : JSON.parse(input);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function asText(result: unknown): string {
  if (typeof result === "string") return result;
  return result === undefined || result === null ? "" : (JSON.stringify(result) ?? "");
}

/** Of indented text and ruled lines; of words it is four. */
const MOST_CHARACTERS_A_TOKEN = 16;

/** A token has no more characters than that, so nothing beyond so many for each is looked at. */
function bounded(text: string, maxTokens: number): ToolOutcome {
  const head = text.length > maxTokens * MOST_CHARACTERS_A_TOKEN ? text.slice(0, maxTokens * MOST_CHARACTERS_A_TOKEN) : text;
  const tokens = estimatedTokens(head);
  const kept = tokens <= maxTokens ? head : head.slice(0, Math.floor((head.length * maxTokens) / tokens));
  return kept.length === text.length ? { type: "result", text: text.toWellFormed() } : cutResult(kept, text.length);
}

function cutResult(kept: string, length: number): ToolOutcome {
  return { type: "result", text: kept.toWellFormed(), cut: length - kept.length };
}
