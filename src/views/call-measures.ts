import type { Outcome, Timing } from "../core/facts/outcome.ts";
import { withoutUndefined } from "../core/without-undefined.ts";
import type { Progress } from "./progress.ts";

/** What a settled call took, as far as anybody measured it. Speeds are tokens a second. */
export interface CallMeasures {
  readonly loadMs?: number;
  readonly firstTokenMs?: number;
  readonly promptPerSecond?: number;
  readonly tokensPerSecond?: number;
  readonly cachedTokens?: number;
  /** Tokens of prompt and output, of those there is room for. */
  readonly context?: { readonly used: number; readonly of: number };
}

/** Undefined for a call that has not settled. */
export function measuresOf(progress: Progress, callId: string): CallMeasures | undefined {
  const { request, outcome } = progress.state?.calls.get(callId) ?? {};
  if (outcome === undefined) return undefined;
  const { inputTokens, outputTokens, cachedInputTokens } = outcome.usage;
  const used = inputTokens + outputTokens;
  const of = progress.state?.agents.find(({ agent }) => agent.id === request?.agent)?.agent.contextTokens;
  const { loadMs, firstTokenMs, promptPerSecond } = timingOf(outcome) ?? {};
  return withoutUndefined<CallMeasures>({
    loadMs,
    firstTokenMs,
    promptPerSecond,
    tokensPerSecond: measuredRate(progress, callId),
    cachedTokens: cachedInputTokens,
    context: of === undefined || used === 0 ? undefined : { used, of },
  });
}

/**
 * Output tokens a second of a settled call: while it wrote, where that was measured, else from its start to its settlement; undefined where
 * it wrote or took nothing.
 */
export function measuredRate(progress: Progress, callId: string): number | undefined {
  const outcome = progress.state?.calls.get(callId)?.outcome;
  if (outcome === undefined) return undefined;
  const { startedAt, settledAt } = progress.times.get(callId) ?? {};
  const measured = timingOf(outcome)?.tokensPerSecond;
  if (measured !== undefined || startedAt === undefined || settledAt === undefined) return measured;
  return perSecond(outcome.usage.outputTokens, settledAt - startedAt);
}

export function timingOf(outcome: Outcome): Timing | undefined {
  return outcome.type === "interrupted" ? undefined : outcome.timing;
}

export function perSecond(tokens: number, milliseconds: number): number | undefined {
  return tokens > 0 && milliseconds > 0 ? (tokens * 1_000) / milliseconds : undefined;
}
