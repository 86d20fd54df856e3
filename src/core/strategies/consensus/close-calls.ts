import type { Fact, FactOf } from "../../facts.ts";
import type { RunState } from "../../state.ts";

type Why = FactOf<"call-cancelled">["why"];

/** Closes everything that is open. Tools are settled at once, calls by whoever performs them. */
export function closeOpen(state: RunState, why: (request: FactOf<"call-requested">) => Why): readonly Fact[] {
  return [...closeCalls(state, state.openCalls, why), ...cancelTools(state.openTools)];
}

export function cancelTools(toolIds: readonly string[]): readonly Fact[] {
  return toolIds.map((toolId) => ({ type: "tool-settled", toolId, outcome: { type: "cancelled" } }));
}

/** Closes those of the calls that are not being closed already. */
export function closeCalls(state: RunState, callIds: readonly string[], why: (request: FactOf<"call-requested">) => Why): readonly Fact[] {
  return callIds.flatMap((callId) => {
    const call = state.calls.get(callId);
    return call === undefined || call.cancelled !== undefined ? [] : [{ type: "call-cancelled", callId, why: why(call.request) }];
  });
}
