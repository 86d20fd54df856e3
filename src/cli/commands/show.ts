import { exportJsonl } from "../../log/jsonl.ts";
import { openSqliteLog } from "../../log/sqlite-log.ts";
import { transcriptOf } from "../../views/transcript.ts";
import type { Command } from "../command.ts";
import { findRun } from "../find-run.ts";
import { foldersOf, type Session } from "../session.ts";

/** Prints a run: as text to read, or its events as JSON lines. */
export async function show({ run }: Extract<Command, { type: "show" }>, { io, output }: Session): Promise<number> {
  const log = openSqliteLog(foldersOf(io).log);
  try {
    const events = log.read(findRun(log.list(), run).runId);
    if (output.json) for (const line of exportJsonl(events)) io.stdout.write(line);
    else io.stdout.write(transcriptOf(events));
    await io.stdout.flushed();
    return 0;
  } finally {
    log.close();
  }
}
