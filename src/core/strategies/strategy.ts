import type { Fact } from "../facts.ts";
import type { RunState } from "../state.ts";

/**
 * The policy of a run. `plan` is pure and looks at nothing but the state, so that a resumed run takes the same path as a fresh one.
 * It is asked again after each of its batches is appended, until it says nothing.
 */
export interface Strategy {
  plan(state: RunState): readonly Fact[];
}
