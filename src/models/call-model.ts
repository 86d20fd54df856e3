import type { Outcome } from "../core/facts/outcome.ts";
import type { Prompt } from "../core/messages.ts";
import type { CouncilModel, Delta } from "./model.ts";
import { type CallContext, OpenCall } from "./open-call.ts";

/**
 * Asks a model once: waits for its engine, has it loaded, streams deltas, returns the one outcome. Never throws for trouble of models, networks
 * or replies. An abort of `signal` settles at once as `cancelled` with what came so far, whether or not the model listens.
 */
export function callModel(model: CouncilModel, prompt: Prompt, context: CallContext, signal: AbortSignal): AsyncGenerator<Delta, Outcome> {
  return new OpenCall(model, prompt, context, signal).run();
}
