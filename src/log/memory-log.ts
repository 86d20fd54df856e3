import type { RunEvent } from "../core/facts.ts";
import { writeEntries } from "./event-codec.ts";
import { isSameOwner, type EventLog, type Owner, type RunSummary } from "./event-log.ts";

/** A log that lives as long as the process: for tests, and for whoever keeps runs elsewhere. */
export function createMemoryLog(): EventLog {
  const runs = new Map<string, RunEvent[]>();
  const owners = new Map<string, Owner>();

  return {
    append(runId, entries, at) {
      const events = runs.get(runId) ?? [];
      const added = writeEntries(runId, entries, events.length, at).map(({ event }) => event);
      for (const event of added) events.push(event);
      if (events.length > 0) runs.set(runId, events);
      return added;
    },
    read: (runId, after = 0) => (runs.get(runId) ?? []).slice(after),
    list: () =>
      Array.from(runs, ([runId, events]) => summarise(runId, events, owners.get(runId)))
        .toReversed()
        .toSorted((one, other) => other.startedAt - one.startedAt),
    claim(runId, owner, isAlive) {
      const other = owners.get(runId);
      if (other !== undefined && !isSameOwner(other, owner) && isAlive(other)) return other;
      owners.set(runId, owner);
      return undefined;
    },
    release(runId, owner) {
      const current = owners.get(runId);
      if (current !== undefined && isSameOwner(current, owner)) owners.delete(runId);
    },
    close() {},
  };
}

function summarise(runId: string, events: readonly RunEvent[], owner: Owner | undefined): RunSummary {
  const [first] = events;
  if (first?.type !== "run-started") throw new Error(`run ${runId} does not begin with run-started`);
  const ended = events.findLast((event) => event.type === "run-ended");
  return {
    runId,
    question: first.question,
    startedAt: first.at,
    lastAt: (events.at(-1) ?? first).at,
    events: events.length,
    ...(ended === undefined ? {} : { outcome: ended.outcome }),
    ...(owner === undefined ? {} : { owner }),
  };
}
