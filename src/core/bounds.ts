import { ratioOf } from "./counting.ts";
import type { Ending } from "./facts/run.ts";
import type { AgentState, RunState } from "./state.ts";

const LARGEST_ANSWER_TOKENS = 16_384;
const LARGEST_THINKING_TOKENS = 8_192;
const SHORTEST_DRAFT_DEADLINE_MS = 60_000;
/** A ballot is one short sentence and a label. */
const BALLOT_TOKENS = 256;
/** One call must not be promised fewer, or it could say nothing at all. */
export const FEWEST_TOKENS = 16;

/** Characters of a text of which only the length is known that are taken for one token; used as bytes by those who count bytes. */
export const CHARACTERS_PER_TOKEN = 4;

/** What forbids any further call, if anything does. */
export function exhausted(state: RunState): Extract<Ending, "stopped" | "out-of-time" | "out-of-tokens"> | undefined {
  if (state.stopped) return "stopped";
  const { runMs, runTokens } = state.started.settings.bounds;
  if (state.clock.elapsed >= runMs) return "out-of-time";
  return tokensUsed(state) >= runTokens ? "out-of-tokens" : undefined;
}

export function tokensLeft(state: RunState): number {
  return Math.max(0, state.started.settings.bounds.runTokens - tokensUsed(state));
}

/** The part of the run's tokens that has been used. */
export function partUsed(state: RunState): number {
  return tokensUsed(state) / state.started.settings.bounds.runTokens;
}

function tokensUsed({ usage }: RunState): number {
  return usage.inputTokens + usage.outputTokens;
}

/** Milliseconds of the agent's own time that have passed, those of what it is busy with since `startedAt` included. */
export function timeSpent(state: RunState, agent: AgentState, startedAt = state.clock.elapsed): number {
  return agent.spent + state.clock.elapsed - startedAt;
}

/** The context of an agent in tokens: what it was said to be, or less where an overflow has shown that. */
export function contextOf(state: RunState, { agent }: AgentState): number | undefined {
  const known = [agent.contextTokens, state.counting[agent.model]?.contextTokens].filter((tokens) => tokens !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Our estimate in the tokens of the agent's own model. */
export function calibrated(state: RunState, { agent }: AgentState, estimate: number): number {
  return Math.ceil(estimate * ratioOf(state.counting[agent.model]));
}

/** The smallest context of those who are still on the council, in tokens, where any is known. */
export function smallestContext(state: RunState): number | undefined {
  const known = state.agents.flatMap((agent) => (agent.out === undefined ? (contextOf(state, agent) ?? []) : []));
  return known.length === 0 ? undefined : Math.min(...known);
}

/** The bound of one answer's text: every agent must be able to read all answers and still write one. */
export function answerTokens(state: RunState): number {
  const configured = state.started.settings.bounds.answerTokens;
  if (configured !== undefined) return configured;
  const context = smallestContext(state);
  const share = context === undefined ? LARGEST_ANSWER_TOKENS : Math.floor(context / (state.agents.length + 2));
  return Math.max(FEWEST_TOKENS, Math.min(LARGEST_ANSWER_TOKENS, share));
}

export interface TokenLimits {
  readonly maxTextTokens: number;
  readonly maxOutputTokens: number;
}

/** Tokens that an agent's thinking may take beside its text: those of a model that was seen thinking, in this run or before. */
export function thinkingTokens(state: RunState, seat: AgentState): number {
  const { thinks, model } = seat.agent;
  if (thinks !== true && !hasThought(state, model)) return 0;
  return Math.min(LARGEST_THINKING_TOKENS, Math.floor((contextOf(state, seat) ?? Infinity) / 4));
}

/**
 * How much one call may write: its text, plus room to think, within the agent's context after a prompt of `promptTokens` and within its
 * share of the tokens the run has left.
 */
export function tokenLimits(state: RunState, agent: AgentState, kind: "answer" | "ballot", promptTokens: number): TokenLimits {
  const maxTextTokens = kind === "ballot" ? BALLOT_TOKENS : answerTokens(state);
  const roomInContext = (contextOf(state, agent) ?? Infinity) - promptTokens - FEWEST_TOKENS;
  const shareOfRun = Math.floor((state.started.settings.bounds.runTokens - tokensUsed(state)) / state.agents.length);
  const maxOutputTokens = Math.max(
    FEWEST_TOKENS,
    Math.floor(Math.min(maxTextTokens + thinkingTokens(state, agent), roomInContext, shareOfRun)),
  );
  return { maxTextTokens, maxOutputTokens };
}

function hasThought(state: RunState, model: string): boolean {
  const seats = new Set(state.started.agents.flatMap((agent) => (agent.model === model ? [agent.id] : [])));
  for (const { request, outcome } of state.calls.values()) {
    if (outcome?.type !== "replied" || !seats.has(request.agent)) continue;
    if (outcome.reasoning !== undefined || (outcome.usage.reasoningTokens ?? 0) > 0) return true;
  }
  return false;
}

/** Elapsed time from which on none of these agents' drafts is waited for, as far as it is known now. A queue stops an agent's clock. */
export function draftsDueBy(state: RunState, agents: readonly AgentState[]): number {
  const half = state.started.settings.bounds.runMs / 2;
  // What others take for an answer is no measure of work.
  if (agents.some(({ agent }) => agent.works === true)) return half;
  const slowest = Math.max(0, ...state.agents.flatMap(({ draftTook }) => draftTook ?? []));
  const last = agents.map((agent) => (isQueued(state, agent) ? half : (agent.draftStartedAt ?? half)));
  return Math.min(half, Math.max(...last) + Math.max(SHORTEST_DRAFT_DEADLINE_MS, 3 * slowest));
}

function isQueued(state: RunState, { task }: AgentState): boolean {
  return task?.status === "open" && state.calls.get(task.callId)?.startedAt === undefined;
}
