import { monitorEventLoopDelay } from "node:perf_hooks";
import { createEmbedded } from "../../src/models/backends/embedded/create-embedded.ts";
import { callModel } from "../../src/models/call-model.ts";
import { systemClock } from "../../src/models/clock.ts";
import type { CouncilModel } from "../../src/models/model.ts";
import { reasonToSkip, smolLmFile } from "../../test/engines/engine-cache.ts";
import { type Row, skipped } from "../rows.ts";

const SEQUENCES = 4;
const OUTPUT_TOKENS = 60;
const never = new AbortController().signal;

/** How long this process is deaf while the engine in it works on four calls at once. */
export async function measureEventLoop(): Promise<readonly Row[]> {
  const reason = await reasonToSkip();
  if (reason !== undefined) return [skipped("the embedded engine", reason)];
  const model = createEmbedded({ path: await smolLmFile(), contextTokens: 1_024, lanes: SEQUENCES });
  for await (const _ of model.prepare?.(undefined, never) ?? []);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const tokens = await Promise.all(Array.from({ length: SEQUENCES }, (_, index) => call(model, index)));
  delay.disable();
  await model.close?.();
  const ms = (nanoseconds: number): string => `${(nanoseconds / 1e6).toFixed(1)} ms`;
  return [
    {
      what: `${SEQUENCES} sequences at once: delay of the event loop, 99th percentile`,
      value: delay.percentile(99) / 1e6,
      unit: "ms",
      note: `median ${ms(delay.percentile(50))}, longest ${ms(delay.max)}, ${tokens.reduce((sum, each) => sum + each, 0)} tokens written`,
    },
  ];
}

async function call(model: CouncilModel, index: number): Promise<number> {
  const text = `Tell a story of ${index + 2} birds that look for the blue of the sky, with all that they see on their way. `.repeat(4);
  const prompt = { messages: [{ role: "user", text }] as const, maxOutputTokens: OUTPUT_TOKENS, maxTextTokens: OUTPUT_TOKENS };
  const asked = callModel(model, prompt, { clock: systemClock() }, never);
  for (;;) {
    const { done, value } = await asked.next();
    if (done !== true) continue;
    if (value.type !== "replied") throw new Error(`${model.name} did not reply: ${JSON.stringify(value)}`);
    return value.usage.outputTokens;
  }
}
