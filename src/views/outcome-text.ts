import type { Loss, Standing, Tally } from "../core/facts/coordination.ts";
import type { Usage } from "../core/facts/outcome.ts";
import type { RunEnded } from "../core/facts/run.ts";
import { listed } from "../core/listed.ts";
import { counted, duration, grouped } from "./measures.ts";
import { plainText } from "./plain-text.ts";

/** How a run ended, a sentence a line: who won and by what votes, what was lost, what it took. */
export function outcomeText(ended: RunEnded): readonly string[] {
  const { tally, outcome, answer } = ended;
  return [
    ...(answer === null ? [failureText(ended)] : []),
    ...(answer !== null && isCutShort(outcome) ? [`${cutShort[outcome]} The leading answer is the result as it stands.`] : []),
    ...(answer !== null && tally !== null && outcome !== "single" ? [verdict(ended, tally), ...votes(tally)] : []),
    ...(ended.truncated ? ["The answer was cut off: it had reached the limit of its length, or repeated itself."] : []),
    ...(answer === null ? [] : degradation(ended)),
    `${counted(ended.calls, "call")}, ${usageText(ended.usage)}, ${duration(ended.elapsedMs)}.`,
  ];
}

type CutShort = "out-of-time" | "out-of-tokens" | "stopped";

const cutShort: Readonly<Record<CutShort, string>> = {
  "out-of-time": "The time of this run was up.",
  "out-of-tokens": "The tokens of this run were used up.",
  stopped: "The run was stopped.",
};

function isCutShort(outcome: RunEnded["outcome"]): outcome is CutShort {
  return Object.hasOwn(cutShort, outcome);
}

/** Why there is no answer, naming the cause of every agent. One sentence for each thing there is to say, on one line. */
function failureText({ outcome, degraded }: RunEnded): string {
  const lost = degraded?.lost ?? [];
  const intro = isCutShort(outcome) ? `${cutShort[outcome].slice(0, -1)} before anybody had answered` : "No agent gave an answer";
  return lost.length === 0 ? `${intro}.` : stopped(`${intro}: ${lossesText(lost)}`);
}

/** Why the command does not exit with 0: there is no answer, or one of a council that was not whole. */
export function troubleText(ended: RunEnded): string {
  return ended.answer === null ? failureText(ended) : degradation(ended).join(" ");
}

function degradation({ degraded }: RunEnded): readonly string[] {
  if (degraded === null) return [];
  const { lost, of } = degraded;
  return [stopped(`Degraded: ${lost.length} of ${counted(of, "agent")} ${lost.length === 1 ? "was" : "were"} lost: ${lossesText(lost)}`)];
}

/** `one: why; two and three: why`: agents with the same cause share it. */
function lossesText(lost: readonly Loss[]): string {
  const causes = new Map<string, readonly string[]>();
  for (const { agent, why } of lost) causes.set(clause(why), [...(causes.get(clause(why)) ?? []), agent]);
  return Array.from(causes, ([why, agents]) => `${listed(agents)}: ${why}`).join("; ");
}

/** Fit to stand inside a sentence: on one line and without a full stop. */
export function clause(text: string): string {
  return plainText(text)
    .replaceAll(/\s+/gu, " ")
    .trim()
    .replace(/(?<!\.)\.$/u, "");
}

/** With a full stop where the clause at its end did not bring an end of its own. */
function stopped(sentence: string): string {
  return /[.?!…]$/u.test(sentence) ? sentence : `${sentence}.`;
}

function verdict({ winner, presenter }: RunEnded, tally: Tally): string {
  const [first] = tally.standings;
  const label = first?.label ?? "";
  const worded = presenter === null || presenter === winner ? "" : `, worded by ${presenter}`;
  return `Answer ${label} by ${listed(first?.authors ?? [])} ${howItWon(tally)}${worded}.`;
}

function howItWon(tally: Tally): string {
  const [first] = tally.standings;
  switch (tally.how) {
    case "unopposed":
      return "was the only one, so nobody had to vote";
    case "no-votes":
      return "stands, although nobody voted: its author was registered first";
    case "voted":
    case "decided-early": {
      const total = tally.ballots.reduce((sum, { weight }) => sum + weight, 0);
      const tied = tally.standings.filter(({ votes }) => votes === first?.votes).map(({ label }) => label);
      const tie = tally.tie ? `: ${listed(tied)} were tied, and its author was registered first` : "";
      const early = tally.how === "decided-early" ? " (the votes still open could not change that)" : "";
      return `won with ${first?.votes ?? 0} of ${counted(total, "vote")}${tie}${early}`;
    }
  }
}

function votes(tally: Tally): readonly string[] {
  const cast = tally.ballots.map(({ agent, choice, reason, weight }) => {
    const counting = weight === 1 ? "" : weight === 0 ? " (its own: not counted)" : ` (its own: counts ${weight})`;
    return `  ${agent} voted for ${choice.label}${counting}${reason === "" ? "" : `: ${clause(reason)}`}`;
  });
  return [...cast, ...tally.abstained.map(({ agent, why }) => `  ${agent} abstained: ${clause(why)}`)];
}

/** `A 2, B 1` in rank order. */
export function standingsText(standings: readonly Standing[]): string {
  return standings.map(({ label, votes }) => `${label} ${votes}`).join(", ");
}

/** `1,204 tokens in (900 cached), 312 out (100 thinking)`; `about` where an engine did not count them. */
export function usageText({ inputTokens, outputTokens, cachedInputTokens, reasoningTokens, estimated }: Usage): string {
  const about = estimated ? "about " : "";
  const cached = cachedInputTokens === undefined ? "" : ` (${grouped(cachedInputTokens)} cached)`;
  const thinking = reasoningTokens === undefined ? "" : ` (${grouped(reasoningTokens)} thinking)`;
  return `${about}${counted(inputTokens, "token")} in${cached}, ${grouped(outputTokens)} out${thinking}`;
}
