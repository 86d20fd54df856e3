import type { Outcome, Reply } from "../../core/facts/outcome.ts";
import type { Rung } from "../../core/facts/settings.ts";
import type { Prompt } from "../../core/messages.ts";
import type { Clock } from "../clock.ts";
import type { Engine, EngineModel } from "../engines/engine.ts";
import { seatModel } from "../engines/seat-model.ts";
import { failureOf } from "../failure-of.ts";
import { THINKING_MARKS } from "../thinking-marks.ts";
import { everyPrompt } from "./every-prompt.ts";
import { outcomeOf } from "./outcome-of.ts";
import type { Trial, TriedBallot } from "./trial.ts";
import { tryBallot } from "./try-ballot.ts";

const DRAFT_TOKENS = 64;
/** Where an engine renders a prompt only to answer it. */
const FEWEST_TOKENS = 1;

interface Asked {
  readonly engine: Engine;
  readonly model: EngineModel;
  readonly ask: (prompt: Prompt) => Promise<Outcome>;
}

export interface TrialOptions {
  readonly how: Trial["how"];
  /** What the row calls the model; its id by default. */
  readonly name?: string;
  readonly clock: Clock;
  /** Whether ballots are asked for on each rung alone as well, and not only as a council does. */
  readonly everyRung: boolean;
}

/** As the protocol has them by default. */
const MOST_ATTEMPTS = 3;
const MOST_BALLOT_TOKENS = 256;

/** Tokens a trial makes a model write at most, room to think left out. */
export async function trialTokens(engine: Engine, model: EngineModel): Promise<number> {
  const rendered = engine.countTokens === undefined ? (await everyPrompt()).length * FEWEST_TOKENS : 0;
  return DRAFT_TOKENS + rendered + (engine.rungs(model).length + 1) * MOST_ATTEMPTS * MOST_BALLOT_TOKENS;
}

/** Tries a model without a council: whether it takes every prompt of ours, how ballots come back, whether thinking is told apart. */
export async function tryModel(engine: Engine, model: EngineModel, options: TrialOptions, signal: AbortSignal): Promise<Trial> {
  const { how, name = model.id, clock } = options;
  const seat = await seatModel(engine, model, { autoload: true, sampling: { temperature: 0, seed: 1 } }, signal);
  const ask = (prompt: Prompt): Promise<Outcome> => outcomeOf(seat, prompt, clock, signal);
  const prompts = await everyPrompt();
  const refused: { readonly kind: string; readonly why: string }[] = [];
  for (const { kind, messages } of prompts) {
    const why = await refusal({ engine, model, ask }, messages, signal);
    if (why !== undefined) refused.push({ kind, why });
  }
  return {
    model: name,
    engine: engine.kind,
    how,
    date: new Date(clock.now()).toISOString().slice(0, "YYYY-MM-DD".length),
    prompts: prompts.length,
    refused,
    ...seen(await ask({ messages: prompts[0]?.messages ?? [], maxOutputTokens: DRAFT_TOKENS, maxTextTokens: DRAFT_TOKENS })),
    ...(await ballots(seat.rungs, options.everyRung ? seat.rungs : [], ask)),
    ...(model.thinkingOff === undefined ? {} : { thinkingOff: model.thinkingOff.value }),
  };
}

async function ballots(rungs: readonly Rung[], each: readonly Rung[], ask: Asked["ask"]): Promise<Pick<Trial, "ballots" | "chosen">> {
  const chosen = await tryBallot(rungs, ask);
  const alone: TriedBallot[] = [];
  for (const rung of each) {
    // The council has asked just the same.
    const isKnown = rung === chosen.rung && chosen.attempts === 1;
    alone.push(isKnown ? { ...chosen, rungs: [rung] } : await tryBallot([rung], ask));
  }
  return { ballots: alone, chosen };
}

/** What a draft shows of a model. */
function seen(draft: Outcome): Pick<Trial, "reasoning" | "draftFailed" | "promptPerSecond" | "tokensPerSecond"> {
  if (draft.type === "failed") return { reasoning: "none", draftFailed: draft.failure.message };
  if (draft.type !== "replied") return { reasoning: "none" };
  const { promptPerSecond, tokensPerSecond } = draft.timing ?? {};
  return {
    reasoning: reasoningIn(draft),
    ...(promptPerSecond === undefined ? {} : { promptPerSecond: Math.round(promptPerSecond) }),
    ...(tokensPerSecond === undefined ? {} : { tokensPerSecond: Math.round(tokensPerSecond) }),
  };
}

/** Why the engine does not take a prompt. Counting its tokens renders it and costs nothing. */
async function refusal({ engine, model, ask }: Asked, messages: Prompt["messages"], signal: AbortSignal): Promise<string | undefined> {
  if (engine.countTokens === undefined) {
    const outcome = await ask({ messages, maxOutputTokens: FEWEST_TOKENS, maxTextTokens: FEWEST_TOKENS });
    return outcome.type === "failed" ? outcome.failure.message : undefined;
  }
  try {
    await engine.countTokens(model.id, messages, signal);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return failureOf(error, engine.name, 0).message;
  }
}

function reasoningIn({ text, reasoning }: Reply): Trial["reasoning"] {
  if (THINKING_MARKS.some(({ open, closes }) => [open, ...closes].some((mark) => text.includes(mark)))) return "in-text";
  return reasoning === undefined ? "none" : "apart";
}
