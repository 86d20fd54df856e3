import type { FactOf } from "./facts.ts";
import type { Reply, ToolCall } from "./facts/outcome.ts";
import type { Call, RunState, ToolUse } from "./state.ts";

type Request = FactOf<"call-requested">;

/** A reply that called tools, and what became of its calls. */
export interface ToolRound {
  readonly request: Request;
  readonly reply: Reply;
}

/** The replies that called tools for the answer that `request` goes on with, the oldest first. */
export function roundsBefore(
  state: RunState,
  { continues, because, purpose }: Pick<Request, "continues" | "because" | "purpose">,
): readonly ToolRound[] {
  const rounds: ToolRound[] = [];
  let reason = because;
  let call = callOf(state, continues);
  while (call?.request.purpose === purpose) {
    if (reason === "tools" && call.outcome?.type === "replied") rounds.unshift({ request: call.request, reply: call.outcome });
    reason = call.request.because;
    call = callOf(state, call.request.continues);
  }
  return rounds;
}

function callOf(state: RunState, callId: string | undefined): Call | undefined {
  return callId === undefined ? undefined : state.calls.get(callId);
}

/** How many tools may still be called for the answer that a call goes on with. Also calls that were not carried out count: it must end. */
export function callsLeft(state: RunState, goingOn: Parameters<typeof roundsBefore>[1]): number {
  const made = roundsBefore(state, goingOn).reduce((total, { reply }) => total + reply.toolCalls.length, 0);
  return state.started.settings.bounds.toolCallsPerAnswer - made;
}

/** The calls of tools in a reply that were made, in their order. */
export function usesOf(state: RunState, callId: string): readonly ToolUse[] {
  return [...state.tools.values()].filter(({ request }) => request.callId === callId);
}

/** What makes two calls the same, however their input is written. */
export function essenceOfCall({ name, input }: Pick<ToolCall, "name" | "input">): string {
  try {
    return `${name} ${JSON.stringify(sorted(JSON.parse(input)))}`;
  } catch {
    return `${name} ${input.trim()}`;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
