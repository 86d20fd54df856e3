import { evolve } from "../../core/evolve.ts";
import type { Fact, FactOf } from "../../core/facts.ts";
import type { Outcome } from "../../core/facts/outcome.ts";
import type { Prompt } from "../../core/messages.ts";
import { plan } from "../../core/plan.ts";
import { promptOf } from "../../core/prompts/conversation.ts";
import { type RunInput, runStarted } from "../../core/start-run.ts";
import type { RunState } from "../../core/state.ts";

export interface PlayedCall {
  readonly request: FactOf<"call-requested">;
  readonly prompt: Prompt;
}

/** The run that is played; nothing of it is kept. */
export type Played = Pick<RunInput, "agents"> & Partial<RunInput>;

/** Plays a run on the core, one call at a time and without waiting, until it has ended or `isEnough`. */
export async function play(
  input: Played,
  answer: (call: PlayedCall) => Outcome | Promise<Outcome>,
  isEnough: (state: RunState) => boolean = () => false,
): Promise<RunState> {
  const question = "What is the capital of France?";
  let now = 0;
  let state = folded(undefined, runStarted({ runId: "trial", question, seed: 1, date: "2026-01-01", ...input }), now);
  for (;;) {
    if (state.ended !== undefined || isEnough(state)) return state;
    const facts = plan(state);
    for (const fact of facts) state = folded(state, fact, now);
    if (facts.length > 0) continue;
    const [callId] = state.openCalls;
    const request = callId === undefined ? undefined : state.calls.get(callId)?.request;
    const retry = state.timers.find(({ purpose }) => purpose === "retry");
    if (request !== undefined) {
      const outcome = await answer({ request, prompt: promptOf(state, request) });
      state = folded(state, { type: "call-settled", callId: request.callId, outcome }, now);
    } else if (retry !== undefined) {
      now = retry.until;
      state = folded(state, { type: "timer-settled", timerId: retry.timerId, how: "fired" }, now);
    } else return state;
  }
}

function folded(state: RunState | undefined, fact: Fact, at: number): RunState {
  const next = evolve(state, { ...fact, seq: (state?.seq ?? 0) + 1, at });
  if (next === undefined) throw new Error("a run begins with run-started");
  return next;
}
