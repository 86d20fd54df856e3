import type { FactOf } from "./facts.ts";
import type { Outcome, Usage } from "./facts/outcome.ts";
import type { Agent } from "./facts/settings.ts";

type Request = FactOf<"call-requested">;

/** What the calls of a model have shown of how it counts tokens. */
export interface Counting {
  /** Tokens that its engine counted, of prompts that were read whole, and our estimates of the same prompts. */
  readonly counted: number;
  readonly estimated: number;
  /** The lowest ratio of the two in a long prompt, and its estimate: what an engine that reads a prompt whole reports at least. */
  readonly lowest?: { readonly ratio: number; readonly estimated: number };
  /** Its context in tokens as an overflow has shown it. */
  readonly contextTokens?: number;
  /** Kinds of prompts it has read: later ones of a kind begin in the same way, and may have been found in a cache. */
  readonly begun: readonly Beginning[];
  /** Whether its engine was seen to count what it found in its cache. */
  readonly countsCached: boolean;
}

type Beginning = "draft" | "answers";

/** A prompt of which an engine read less than there was. */
export interface Loss {
  readonly expected: number;
  readonly read: number;
}

export const NOTHING_COUNTED: Counting = { counted: 0, estimated: 0, begun: [], countsCached: false };

const LOWEST_RATIO = 0.5;
const HIGHEST_RATIO = 4;
/** Chat templates and tools may add so many tokens of their own, which say nothing about texts. */
const TEMPLATE_TOKENS = 64;
const LARGEST_TEMPLATE_TOKENS = 96;
/** What is missing from shorter prompts is within what templates and tokenizers differ by. */
const SHORTEST_TELLING = 256;
const BEARABLE = 0.9;
/** Of a prompt that was refused without its size: how much larger it is taken for, and which part of it might fit an unknown context. */
const REFUSED = 1.15;
const LIKELY_CONTEXT = 0.75;
/** Estimates of whole prompts are hardly ever further from what an engine counts. */
const LARGEST_ERROR = 2;

/** Tokens of a model for one of our estimate, between 0.5 and 4; 1 before anything was counted. */
export function ratioOf({ counted, estimated }: Counting = NOTHING_COUNTED): number {
  return estimated === 0 ? 1 : Math.min(HIGHEST_RATIO, Math.max(LOWEST_RATIO, counted / estimated));
}

interface Lesson {
  readonly counting: Counting;
  readonly lost?: Loss;
}

/** What a settled call taught, and what of its prompt was lost, if anything was. A call that lost something teaches no ratio. */
export function learnCounting(before: Counting, request: Request, outcome: Outcome, agent: Agent): Lesson {
  const estimate = request.promptTokens;
  if (estimate === undefined || outcome.type === "interrupted") return { counting: before };
  if (outcome.type === "failed" && outcome.failure.kind === "context-overflow" && !outcome.failure.retryable) {
    return { counting: overflowed(before, estimate, outcome.failure.overflow ?? {}, agent) };
  }
  const counted = outcome.countedTokens;
  // What a provider's own tools found was read besides.
  if (outcome.type === "replied" && !outcome.usage.estimated && outcome.activity === undefined) {
    return heldAgainst(before, outcome.usage, { request, estimate, counted });
  }
  return { counting: counted === undefined ? before : taught(before, counted, estimate) };
}

interface Sent {
  readonly request: Request;
  readonly estimate: number;
  readonly counted: number | undefined;
}

/** What the engine says it has read against what it was sent. */
function heldAgainst(before: Counting, usage: Usage, sent: Sent): Lesson {
  const read = usage.inputTokens;
  const beginning: Beginning = sent.request.purpose === "draft" ? "draft" : "answers";
  const expected = Math.round(sent.counted ?? sent.estimate * ratioOf(before));
  const isWhole = read >= leastRead(before, sent.estimate, sent.counted);
  const isFirst = !before.begun.includes(beginning);
  const countsCached = before.countsCached || showsCached(usage, isFirst ? Infinity : expected);
  const counting: Counting = {
    ...(isWhole || sent.counted !== undefined ? taught(before, sent.counted ?? read, sent.estimate) : before),
    begun: [...new Set([...before.begun, beginning])],
    countsCached,
  };
  const isCertain = isTelling(sent.request, expected) && (isFirst || countsCached);
  return isWhole || !isCertain ? { counting } : { counting, lost: { expected, read } };
}

/** Whether something would be missed. What definitions of tools take in a prompt is the template's affair. */
function isTelling({ tools }: Request, expected: number): boolean {
  return tools === undefined && expected >= SHORTEST_TELLING;
}

function showsCached({ inputTokens, cachedInputTokens = 0 }: Usage, expected: number): boolean {
  return cachedInputTokens > 0 || inputTokens >= expected * BEARABLE;
}

/** What is reported for a prompt that was read whole, at least: other texts of the same model may take fewer tokens than those so far. */
function leastRead({ lowest }: Counting, estimate: number, counted: number | undefined): number {
  if (counted !== undefined) return counted * BEARABLE;
  if (lowest === undefined) return estimate * LOWEST_RATIO;
  return estimate * BEARABLE * (lowest.ratio > 1 ? (1 + lowest.ratio) / 2 : lowest.ratio);
}

function taught(before: Counting, tokens: number, estimate: number): Counting {
  const ofText = Math.max(Math.min(tokens, estimate), tokens - TEMPLATE_TOKENS);
  const ratio = Math.max(LOWEST_RATIO, (tokens - LARGEST_TEMPLATE_TOKENS) / estimate);
  const isLonger = before.lowest === undefined || estimate >= 2 * before.lowest.estimated;
  const lowest = isLonger || ratio < before.lowest.ratio ? { ratio, estimated: estimate } : before.lowest;
  return {
    ...before,
    counted: before.counted + Math.min(ofText, estimate * HIGHEST_RATIO),
    estimated: before.estimated + estimate,
    ...(estimate < SHORTEST_TELLING ? {} : { lowest }),
  };
}

/** A refused prompt tells its size and the context, or one of them, or only that it was too long. Some engines stop counting at their limit. */
function overflowed(
  before: Counting,
  estimate: number,
  { promptTokens, contextTokens }: { readonly promptTokens?: number | undefined; readonly contextTokens?: number | undefined },
  agent: Agent,
): Counting {
  const context = contextTokens ?? before.contextTokens ?? agent.contextTokens;
  if (context === undefined && promptTokens === undefined) {
    return { ...before, contextTokens: Math.max(1, Math.floor(estimate * ratioOf(before) * LIKELY_CONTEXT)) };
  }
  const isWhole = promptTokens !== undefined && (context === undefined || promptTokens > context + 1);
  const known = ratioOf(before);
  // A context much larger than the prompt means that the call was refused for what it wanted to write.
  const filled = context !== undefined && context < estimate * known * LARGEST_ERROR ? context : 0;
  const least = (promptTokens ?? filled) / estimate;
  const ratio = isWhole ? least : Math.max(known, least) * REFUSED;
  const { lowest: _, ...rest } = before;
  return { ...rest, counted: ratio * estimate, estimated: estimate, ...(context === undefined ? {} : { contextTokens: context }) };
}
