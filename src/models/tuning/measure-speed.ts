import { callModel } from "../call-model.ts";
import type { Clock } from "../clock.ts";
import type { Engine, EngineModel } from "../engines/engine.ts";
import type { CouncilModel } from "../model.ts";
import type { Queue } from "../queue/queue.ts";

/** What so many calls at once did. */
export interface Speed {
  readonly calls: number;
  /** From the first request to the end of the last reply, in milliseconds. */
  readonly wallMs: number;
  /** Of all calls together, tokens that were written; absent where the engine does not count them. */
  readonly outputTokens?: number;
  /** Tokens a second of one call, in the mean; absent where no call was long enough to tell. */
  readonly promptPerSecond?: number;
  readonly tokensPerSecond?: number;
}

/** Words of a prompt, and tokens of a reply: enough to measure, little enough to be over soon. */
const PROMPT_WORDS = 160;
export const REPLY_TOKENS = 48;

/** A text that is as long as it may be is cut off, and then the engine does not tell what it counted. */
const LONG_WORDS = 8;

/** Everybody is served at once: what the engine makes of it is what is measured. */
const noQueue: Queue = {
  running: 0,
  acquire: async () => ({ loaded: () => undefined, begun: () => undefined, release: () => undefined }),
};

/**
 * Sends so many short prompts at once, each unlike all others so that no cache answers for the model.
 * @param seed makes the prompts of one measurement unlike those of another
 * @throws Error with the sentence of the first call that failed
 */
export async function measureSpeed(
  { engine, model, calls, seed }: { readonly engine: Engine; readonly model: EngineModel; readonly calls: number; readonly seed: string },
  clock: Clock,
  signal: AbortSignal,
): Promise<Speed> {
  const councilModel = asked(engine, model);
  const begun = clock.now();
  const outcomes = await Promise.all(
    Array.from({ length: calls }, async (_, at) => {
      const text = `${promptOf(`${seed}.${at}`)}\nRetell this as a long story.`;
      const prompt = {
        messages: [{ role: "user" as const, text }],
        maxOutputTokens: REPLY_TOKENS,
        maxTextTokens: REPLY_TOKENS * LONG_WORDS,
      };
      const call = callModel(councilModel, prompt, { clock }, signal);
      for (;;) {
        const { done, value } = await call.next();
        if (done) return value;
      }
    }),
  );
  signal.throwIfAborted();
  const wallMs = clock.now() - begun;
  const replies = outcomes.map((outcome) => {
    if (outcome.type === "replied") return outcome;
    throw new Error(outcome.type === "failed" ? outcome.failure.message : `A call was ${outcome.type}.`);
  });
  const isCounted = replies.every(({ usage }) => !usage.estimated);
  const promptPerSecond = mean(replies.map(({ timing }) => timing?.promptPerSecond));
  const tokensPerSecond = mean(replies.map(({ timing }) => timing?.tokensPerSecond));
  return {
    calls,
    wallMs,
    ...(isCounted && { outputTokens: replies.reduce((sum, { usage }) => sum + usage.outputTokens, 0) }),
    ...(promptPerSecond !== undefined && { promptPerSecond }),
    ...(tokensPerSecond !== undefined && { tokensPerSecond }),
  };
}

function asked(engine: Engine, model: EngineModel): CouncilModel {
  return {
    languageModel: engine.languageModel(model.id, {}),
    name: model.id,
    rungs: ["text"],
    sampling: { temperature: 0 },
    timeouts: {},
    queue: noQueue,
    providerOptions: engine.providerOptions(model, {}),
  };
}

const words = ["river", "stone", "lantern", "market", "winter", "garden", "bridge", "letter", "harbour", "mirror", "orchard", "clock"];

/** Begins with what no other prompt begins with. */
function promptOf(seed: string): string {
  const shift = Array.from(seed).reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0);
  return `${seed}: ${Array.from({ length: PROMPT_WORDS }, (_, at) => words[(at * 7 + shift + Math.floor(at / 12)) % words.length]).join(" ")}`;
}

function mean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
}
