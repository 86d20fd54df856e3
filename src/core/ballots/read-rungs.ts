import type { Rung } from "../facts/settings.ts";
import { ballotChoices } from "../prompts/judging-prompt.ts";
import type { RunState } from "../state.ts";
import { readBallot } from "./read-ballot.ts";

/** The rung on which an agent's last ballot that could be read was asked for, by agent. */
export function readRungs(state: RunState): ReadonlyMap<string, Rung> {
  const rungs = new Map<string, Rung>();
  for (const { request, outcome } of state.calls.values()) {
    const { agent, rung, snapshot, mayImprove } = request;
    if (rung === undefined || outcome?.type !== "replied") continue;
    const read = readBallot(outcome, ballotChoices(state, { snapshot }), mayImprove === true);
    if (read.type === "choice") rungs.set(agent, rung);
  }
  return rungs;
}
