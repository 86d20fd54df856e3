import type { FactOf } from "../../facts.ts";
import type { AgentState, RunState } from "../../state.ts";
import { partUsed } from "../../bounds.ts";
import { callsLeft, usesOf } from "../../tool-rounds.ts";

type Offering = Pick<FactOf<"call-requested">, "purpose" | "continues" | "because">;

/**
 * The tools a call may use: what writes is for the presenter, and for an agent that has nobody beside it. Ballots have none, nor has the rest
 * of a text that was cut off.
 */
export function offeredTools(state: RunState, { agent, refusesTools }: AgentState, offering: Offering): readonly string[] {
  const { tools = [] } = agent;
  if (tools.length === 0 || refusesTools === true || offering.purpose === "ballot" || offering.because === "length") return [];
  const isWriter = offering.purpose === "presentation" || state.agents.length === 1;
  if (callsLeft(state, offering) <= 0 || isGoingInCircles(state, offering) || partUsed(state) >= MOST_USED[isWriter ? "last" : "before"])
    return [];
  return tools.filter(({ readOnly, allowed }) => isWriter || readOnly || allowed === true).map(({ name }) => name);
}

/** From this part of the run's tokens on tools are offered no more, so that enough is left for answers, and for judging before the last one. */
const MOST_USED = { before: 1 / 2, last: 3 / 4 };

/** Whether nothing that the reply before called was carried out: another one would call the same. */
function isGoingInCircles(state: RunState, { continues, because }: Offering): boolean {
  return because === "tools" && continues !== undefined && usesOf(state, continues).length === 0;
}
