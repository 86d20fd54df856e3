import type { Outcome } from "../../core/facts/outcome.ts";
import type { Prompt } from "../../core/messages.ts";
import { callModel } from "../call-model.ts";
import type { Clock } from "../clock.ts";
import type { CouncilModel } from "../model.ts";

/** Asks a model once and waits for all of it. Rejects with the reason of `signal`. */
export async function outcomeOf(seat: CouncilModel, prompt: Prompt, clock: Clock, signal: AbortSignal): Promise<Outcome> {
  const call = callModel(seat, prompt, { clock }, signal);
  for (;;) {
    const { done, value } = await call.next();
    if (done === true) {
      signal.throwIfAborted();
      return value;
    }
  }
}
