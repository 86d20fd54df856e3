import type { Timing } from "../core/facts/outcome.ts";
import type { RunState } from "../core/state.ts";
import { timingOf } from "./call-measures.ts";
import { duration, speed } from "./measures.ts";

/** Less is told as 0.0 s. */
const SHORTEST_MS = 50;

interface Timed {
  readonly agent: string;
  readonly timing: Timing;
  readonly tokens: number;
  /** When it began to work, its model loaded, in running time of the run. */
  readonly until: number | undefined;
}

/** How fast the models of a run were, in one sentence; none where nobody measured anything. */
export function speedsText(state: RunState): readonly string[] {
  const timed = Array.from(state.calls.values()).flatMap(({ request, startedAt, outcome }): readonly Timed[] => {
    const timing = outcome && timingOf(outcome);
    return timing === undefined ? [] : [{ agent: request.agent, timing, tokens: outcome?.usage.outputTokens ?? 0, until: startedAt }];
  });
  const sentence = [...rates(state, timed), ...firstTokens(timed), ...loading(timed)].join("; ");
  return sentence === "" ? [] : [`${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`];
}

/** All tokens of an agent over all the time that it wrote. */
function rates({ agents }: RunState, timed: readonly Timed[]): readonly string[] {
  const told = agents.flatMap(({ agent: { id } }) => {
    let tokens = 0;
    let seconds = 0;
    for (const { agent, timing, tokens: written } of timed) {
      if (agent !== id || timing.tokensPerSecond === undefined) continue;
      tokens += written;
      seconds += written / timing.tokensPerSecond;
    }
    return seconds === 0 ? [] : [`${id} ${speed(tokens / seconds)}`];
  });
  return told.length === 0 ? [] : [`speeds: ${told.join(", ")}`];
}

function firstTokens(timed: readonly Timed[]): readonly string[] {
  const waits = timed.flatMap(({ timing: { firstTokenMs } }) => firstTokenMs ?? []);
  if (waits.length === 0) return [];
  const [least, most] = [duration(Math.min(...waits)), duration(Math.max(...waits))];
  return [`first token after ${least === most ? least : `${least} to ${most}`}`];
}

/** Calls that wait for the same load have waited together: it counts once. */
function loading(timed: readonly Timed[]): readonly string[] {
  const loads = timed
    .flatMap(({ until, timing: { loadMs } }) => (loadMs === undefined || until === undefined ? [] : [{ from: until - loadMs, until }]))
    .toSorted((one, other) => one.from - other.from);
  let total = 0;
  let over = -Infinity;
  for (const { from, until } of loads) {
    total += Math.max(0, until - Math.max(from, over));
    over = Math.max(over, until);
  }
  return total < SHORTEST_MS ? [] : [`${duration(total)} spent loading`];
}
