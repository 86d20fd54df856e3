import { simulateRun, type Behaviour, type SimulatedCall } from "../../src/testing/simulate-run.ts";
import { ballotFor } from "../first-choice.ts";
import { commonLength, promptText } from "../prompt-text.ts";
import type { Row } from "../rows.ts";

const AGENTS = ["ada", "bob", "cyd"].map((id) => ({
  id,
  model: "bench",
  rungs: ["schema", "tool", "text"] as const,
  persona: `You are ${id}, and you look at things your own way.`,
}));
const ANSWER_END = "</answer>\n\n";

/**
 * What prompts share from their beginning. Shareable is everything up to the end of the last answer both have; where a conversation goes
 * on, the whole earlier prompt.
 */
export async function measurePrefixes(): Promise<readonly Row[]> {
  const calls = improvingRun();
  const find = (agent: string, purpose: string, which = 0): SimulatedCall => {
    const found = calls.filter(({ request }) => request.agent === agent && request.purpose === purpose)[which];
    if (found === undefined) throw new Error(`${agent} made no such ${purpose}`);
    return found;
  };
  const first = find("ada", "ballot");
  const winner = calls.find(({ request }) => request.purpose === "presentation");
  if (winner === undefined) throw new Error("nobody presented");
  return [
    shared("a judge and the next judge", [first, find("bob", "ballot")], "answers"),
    shared("a judge and its correction", [find("cyd", "ballot"), find("cyd", "ballot", 1)], "all"),
    shared("a judge and its improvement", [first, find("ada", "improvement")], "all"),
    shared("a judge and itself in the next round", [find("bob", "ballot"), find("bob", "ballot", 1)], "answers"),
    shared("the last judge and the presentation", [find("cyd", "ballot", 2), winner], "answers"),
  ];
}

/** Ada improves in the first round, Cyd names a label that nobody has and is corrected. */
function improvingRun(): readonly SimulatedCall[] {
  const asked = new Map<string, number>();
  const behave = ({ request, prompt }: SimulatedCall): Behaviour => {
    if (prompt.ballot === undefined) return `${request.agent}, ${request.purpose}: ${"the light is scattered ".repeat(80)}`;
    const ballots = (asked.get(request.agent) ?? 0) + 1;
    asked.set(request.agent, ballots);
    if (request.agent === "ada" && ballots === 1) return ballotFor("improve");
    if (request.agent === "cyd" && ballots === 1) return ballotFor("Q");
    return ballotFor(prompt.ballot.choices[0] ?? "");
  };
  return simulateRun({ agents: AGENTS, behave }).calls;
}

function shared(what: string, [before, after]: readonly [SimulatedCall, SimulatedCall], shareable: "answers" | "all"): Row {
  const [one, other] = [promptText(before.prompt), promptText(after.prompt)];
  const possible = shareable === "all" ? one.length : one.lastIndexOf(ANSWER_END) + ANSWER_END.length;
  const common = commonLength(one, other);
  return {
    what: `${what}: shared of what both hold`,
    value: (100 * Math.min(common, possible)) / possible,
    unit: "%",
    goal: { atLeast: 100 },
    note: `the first ${common.toLocaleString("en")} of ${other.length.toLocaleString("en")} characters, ${((100 * common) / other.length).toFixed(0)} %`,
  };
}
