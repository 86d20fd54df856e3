import type { Fact, RunEvent } from "../core/facts.ts";
import type { RunEnded } from "../core/facts/run.ts";

/** The process that runs a run: its id, and a mark of its start so that a reused id is not mistaken for it. */
export interface Owner {
  readonly pid: number;
  readonly started: string;
}

/** A fact on its way into the log. */
export interface Entry {
  readonly fact: Fact;
  /** The `seq` of the event it follows from. */
  readonly cause?: number;
}

/** One line of `massgen runs`. Dates in milliseconds since the epoch. */
export interface RunSummary {
  readonly runId: string;
  readonly question: string;
  readonly startedAt: number;
  readonly lastAt: number;
  readonly events: number;
  /** Absent while the run has not ended. */
  readonly outcome?: RunEnded["outcome"];
  readonly owner?: Owner;
}

/**
 * The append-only list of events of each run. Synchronous: an append is done when it returns, or nothing of it is.
 * Every implementation passes `describeEventLog` of `massgen/testing`.
 */
export interface EventLog {
  /**
   * Appends all entries in one transaction and returns them with their places, as any later reader will see them.
   * A run begins with its `run-started`. Throws `MassgenError("disk")` when the disk does not take them.
   */
  append(runId: string, entries: readonly Entry[], at: number): readonly RunEvent[];
  /** Events with `seq > after`, in order; none for an unknown run. Throws `log-newer` and `log-damaged`. */
  read(runId: string, after?: number): readonly RunEvent[];
  /** Newest first. */
  list(): readonly RunSummary[];
  /**
   * Makes `owner` the one owner of the run.
   * @param isAlive tells whether another owner's process still runs
   * @returns the live owner that stands in the way, if any
   */
  claim(runId: string, owner: Owner, isAlive: (other: Owner) => boolean): Owner | undefined;
  /** Gives the run up again; does nothing for anybody but its owner. */
  release(runId: string, owner: Owner): void;
  close(): void;
}

export function isSameOwner(one: Owner, other: Owner): boolean {
  return one.pid === other.pid && one.started === other.started;
}
