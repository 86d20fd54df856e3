import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { RunEvent } from "../core/facts.ts";
import type { RunEnded } from "../core/facts/run.ts";
import { parseJson, readEvent, writeEntries } from "./event-codec.ts";
import { isSameOwner, type EventLog, type Owner, type RunSummary } from "./event-log.ts";
import { damaged } from "./log-trouble.ts";
import { openDatabase } from "./sqlite-database.ts";
import { moveAway } from "./sqlite-trouble.ts";

interface RunRow {
  readonly run_id: string;
  readonly question: string;
  readonly started_at: number;
  readonly last_at: number;
  readonly events: number;
  readonly outcome: RunEnded["outcome"] | null;
  readonly pid: number | null;
  readonly started: string | null;
}

/**
 * The runs of this user in one SQLite file. Several processes may write different runs of it, and read any, at once.
 * @param file made private, with its folder, where it does not exist
 * @throws `log-newer`, `log-damaged`, `disk`
 */
export function openSqliteLog(file: string): EventLog {
  const { path, statements: statement, attempt, transact, close } = openDatabase(file, prepare);

  const ownerOf = (runId: string): Owner | undefined => {
    const row = statement.owner.get(runId);
    return row === undefined ? undefined : { pid: Number(row["pid"]), started: String(row["started"]) };
  };

  const keep = (runId: string, event: RunEvent, text: string): void => {
    if (event.type === "run-started") statement.begin.run(runId, JSON.stringify(event.question), event.at, event.at);
    statement.add.run(runId, event.seq, text);
  };

  return {
    append(runId, entries, at) {
      if (entries.length === 0) return [];
      return transact(() => {
        const last = Number(statement.last.get(runId)?.["events"] ?? 0);
        const written = writeEntries(runId, entries, last, at);
        for (const { event, text } of written) keep(runId, event, text);
        const ended = written.findLast(({ event }) => event.type === "run-ended")?.event;
        statement.touch.run(at, last + written.length, ended?.type === "run-ended" ? ended.outcome : null, runId);
        return written.map(({ event }) => event);
      });
    },
    read(runId, after = 0) {
      // First how many there are at least, then all of them: somebody may be adding to them.
      const least = Number(attempt(() => statement.last.get(runId))?.["events"] ?? 0);
      const rows = attempt(() => statement.read.all(runId, after));
      return Array.from({ length: Math.max(rows.length, least - after) }, (_, index) => {
        const seq = after + index + 1;
        const row = rows[index];
        const place = { where: `event ${seq} of run ${runId} in ${path}`, hint: `Other runs are not touched by this. ${moveAway(path)}` };
        if (row?.["seq"] !== seq) throw damaged(`${place.where} is missing`, place.hint);
        return readEvent(String(row["event"]), seq, place);
      });
    },
    list: () => attempt(() => statement.list.all().map((row) => summarise(row as unknown as RunRow))),
    claim: (runId, owner, isAlive) =>
      transact(() => {
        const other = ownerOf(runId);
        if (other !== undefined && !isSameOwner(other, owner) && isAlive(other)) return other;
        statement.claim.run(runId, owner.pid, owner.started);
        return undefined;
      }),
    release(runId, owner) {
      transact(() => statement.release.run(runId, owner.pid, owner.started));
    },
    close,
  };
}

function prepare(
  database: DatabaseSync,
): Readonly<Record<"last" | "begin" | "add" | "touch" | "read" | "list" | "owner" | "claim" | "release", StatementSync>> {
  return {
    last: database.prepare("SELECT events FROM runs WHERE run_id = ?"),
    begin: database.prepare("INSERT INTO runs (run_id, question, started_at, last_at, events) VALUES (?, ?, ?, ?, 0)"),
    add: database.prepare("INSERT INTO events (run_id, seq, event) VALUES (?, ?, ?)"),
    touch: database.prepare("UPDATE runs SET last_at = ?, events = ?, outcome = coalesce(?, outcome) WHERE run_id = ?"),
    read: database.prepare("SELECT seq, event FROM events WHERE run_id = ? AND seq > ? ORDER BY seq"),
    list: database.prepare("SELECT * FROM runs LEFT JOIN owners USING (run_id) ORDER BY started_at DESC, runs.rowid DESC"),
    owner: database.prepare("SELECT pid, started FROM owners WHERE run_id = ?"),
    claim: database.prepare("REPLACE INTO owners (run_id, pid, started) VALUES (?, ?, ?)"),
    release: database.prepare("DELETE FROM owners WHERE run_id = ? AND pid = ? AND started = ?"),
  };
}

/** One damaged question must not keep the other runs from being listed. */
function summarise(row: RunRow): RunSummary {
  const question = parseJson(row.question);
  return {
    runId: row.run_id,
    question: typeof question === "string" ? question : row.question,
    startedAt: row.started_at,
    lastAt: row.last_at,
    events: row.events,
    ...(row.outcome === null ? {} : { outcome: row.outcome }),
    ...(row.pid === null || row.started === null ? {} : { owner: { pid: row.pid, started: row.started } }),
  };
}
