import type { Fact } from "./facts.ts";
import type { Settings } from "./facts/settings.ts";
import type { RunState } from "./state.ts";
import { consensus } from "./strategies/consensus.ts";
import type { Strategy } from "./strategies/strategy.ts";

const strategies: Readonly<Record<Settings["strategy"], Strategy>> = { consensus };

/** What follows from the state: the next batch of facts, none where there is nothing to do but wait. */
export function plan(state: RunState): readonly Fact[] {
  return state.ended === undefined ? strategies[state.started.settings.strategy].plan(state) : [];
}
