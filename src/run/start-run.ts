import { MassgenError } from "../core/errors.ts";
import { stateOf } from "../core/evolve.ts";
import type { Fact, RunEvent } from "../core/facts.ts";
import type { RunEnded, RunStarted } from "../core/facts/run.ts";
import { promptOf } from "../core/prompts/conversation.ts";
import type { RunState } from "../core/state.ts";
import type { EventLog, Owner } from "../log/event-log.ts";
import { isAlive, thisProcess } from "../log/owner.ts";
import { Run, type RunEnvironment } from "./run.ts";

/** Begins a run and returns at once. `more` is true of it from the start. */
export function startRun(environment: RunEnvironment, started: RunStarted, more: readonly Fact[] = []): Run {
  const owner = own(environment, started.runId);
  const run = new Run(started.runId, environment);
  run.begin([started, ...more]);
  return givenUpAtTheEnd(run, environment, owner);
}

/** A run that had ended before: there is nothing to go on with. */
export interface EndedRun {
  readonly type: "ended";
  readonly ended: RunEnded;
}

/** What is left of a run. Throws `run-unknown`. */
function readPast({ log }: Pick<RunEnvironment, "log">, runId: string): { readonly events: readonly RunEvent[]; readonly state: RunState } {
  const events = log.read(runId);
  const state = stateOf(events);
  if (state !== undefined) return { events, state };
  throw new MassgenError("run-unknown", `There is no run "${runId}".`, { hint: "`massgen runs` lists the runs there are." });
}

/**
 * Goes on with a run whose process died: what was settled is not asked again, what was open is settled as interrupted and asked again,
 * waits before a retry go on. Throws `run-unknown`, and `run-live` while another process runs it.
 */
export function resumeRun(environment: RunEnvironment, runId: string): Run | EndedRun {
  const { ended } = readPast(environment, runId).state;
  if (ended !== undefined) return { type: "ended", ended };
  const owner = own(environment, runId);
  const { events, state } = readPast(environment, runId);
  if (state.ended !== undefined) {
    release(environment.log, runId, owner);
    return { type: "ended", ended: state.ended };
  }
  const run = new Run(runId, environment, events);
  run.rearm();
  run.begin(interruptions(state));
  return givenUpAtTheEnd(run, environment, owner);
}

/** The runs of this very process: for the log, its own claims are no obstacle. */
const running = new Set<string>();

function own({ log }: RunEnvironment, runId: string): Owner {
  const owner = thisProcess();
  const other = running.has(runId) ? owner : log.claim(runId, owner, isAlive);
  if (other === undefined) {
    running.add(runId);
    return owner;
  }
  throw new MassgenError("run-live", `Run "${runId}" is being run by process ${other.pid}.`, {
    hint: `Wait for it, or end process ${other.pid} first.`,
  });
}

/** Waits before a retry keep their moment; bounds count running time and are asked for anew by the plan. */
function interruptions(state: RunState): readonly Fact[] {
  const timers = state.timers.filter(({ purpose }) => purpose !== "retry");
  return [
    { type: "run-resumed" },
    ...timers.map(({ timerId }): Fact => ({ type: "timer-settled", timerId, how: "interrupted" })),
    ...state.openCalls.map((callId): Fact => ({
      type: "call-settled",
      callId,
      outcome: { type: "interrupted", usage: readUntilThen(state, callId) },
    })),
    ...state.openTools.map((toolId): Fact => ({ type: "tool-settled", toolId, outcome: { type: "interrupted" } })),
  ];
}

/** What a call that was under way has cost at least: its prompt. */
function readUntilThen(state: RunState, callId: string): { inputTokens: number; outputTokens: number; estimated: boolean } {
  const call = state.calls.get(callId);
  const inputTokens = call?.startedAt === undefined ? 0 : (promptOf(state, call.request).promptTokens ?? 0);
  return { inputTokens, outputTokens: 0, estimated: true };
}

function givenUpAtTheEnd(run: Run, { log }: RunEnvironment, owner: Owner): Run {
  const giveUp = (): void => release(log, run.runId, owner);
  run.result.then(giveUp, giveUp);
  return run;
}

function release(log: EventLog, runId: string, owner: Owner): void {
  running.delete(runId);
  log.release(runId, owner);
}
