import type { Outcome } from "../src/core/facts/outcome.ts";
import { callModel } from "../src/models/call-model.ts";
import { systemClock } from "../src/models/clock.ts";
import type { CouncilModel } from "../src/models/model.ts";

/** What a model makes of one message. */
export async function answered(
  model: CouncilModel,
  text: string,
  { signal = new AbortController().signal, tokens = 50 }: { readonly signal?: AbortSignal; readonly tokens?: number } = {},
): Promise<Outcome> {
  const prompt = { messages: [{ role: "user", text }], maxOutputTokens: tokens, maxTextTokens: tokens } as const;
  const call = callModel(model, prompt, { clock: systemClock() }, signal);
  for (;;) {
    const { done, value } = await call.next();
    if (done === true) return value;
  }
}
