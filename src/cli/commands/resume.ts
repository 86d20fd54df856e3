import { existsSync } from "node:fs";
import { join } from "node:path";
import { findConfig } from "../../config/find-config.ts";
import { rebuildCouncil } from "../../config/rebuild-council.ts";
import { stateOf } from "../../core/evolve.ts";
import { MassgenError } from "../../core/errors.ts";
import { createCouncil } from "../../library/create-council.ts";
import { createFolderBlobs } from "../../log/blobs.ts";
import type { EventLog, RunSummary } from "../../log/event-log.ts";
import { isAlive } from "../../log/owner.ts";
import { redactText } from "../../log/redaction.ts";
import { openSqliteLog } from "../../log/sqlite-log.ts";
import { outcomeText } from "../../views/outcome-text.ts";
import { exportJsonl } from "../../log/jsonl.ts";
import type { RunEvent } from "../../core/facts.ts";
import type { RunEnded, RunStarted } from "../../core/facts/run.ts";
import type { Command } from "../command.ts";
import { findRun } from "../find-run.ts";
import { interruptible } from "../interruptible.ts";
import { foldersOf, logFileOf, type Session } from "../session.ts";
import { surroundingsOf } from "../surroundings.ts";
import { finish, watchRun, writeAnswer } from "../watch-run.ts";
import { librarySeats } from "../library-seats.ts";

type Resume = Extract<Command, { type: "resume" }>;

/** Goes on with a run whose process died; of one that has ended it prints the end. Returns the exit code. */
export async function resume(command: Resume, session: Session): Promise<number> {
  const log = openSqliteLog(foldersOf(session.io).log);
  try {
    const found = findRun(log.list(), command.run);
    const events = log.read(found.runId);
    const state = stateOf(events);
    if (state === undefined) throw new Error(`run ${found.runId} is listed but has no events`);
    const hasCopies = existsSync(join(foldersOf(session.io).workspaces, found.runId));
    if (state.ended !== undefined && !hasCopies) return await printEnd(state.ended, events, command, session);
    refuseWhileAlive(found);
    return await goOn({ command, session, log, started: state.started, alreadyTold: events.length });
  } finally {
    log.close();
  }
}

/** A run to go on with, and what it takes. */
interface Unfinished {
  readonly command: Resume;
  readonly session: Session;
  readonly log: EventLog;
  readonly started: RunStarted;
  readonly alreadyTold: number;
}

async function goOn({ command, session, log, started, alreadyTold }: Unfinished): Promise<number> {
  const { io, narrator, secrets } = session;
  const surroundings = { ...surroundingsOf(session), ...(command.config !== undefined && { configFile: findConfig(command.config).path }) };
  const built = await interruptible(io, (signal) => rebuildCouncil(started.setup, surroundings, signal));
  for (const secret of built.secrets) secrets.add(secret);
  const logFile = logFileOf(session);
  const blobs = createFolderBlobs(foldersOf(io).blobs);
  const council = createCouncil({ seats: librarySeats(built.seats), log, blobs, secrets: built.secrets, clock: io.clock });
  try {
    const run = council.resume(started.runId);
    narrator.line({ tone: "faint", text: `Run ${run.runId}` });
    for (const text of built.notices) narrator.line({ tone: "warning", text: redactText(text, built.secrets) });
    const { strict, noDisplay } = command;
    return await watchRun(run, session, { strict, noDisplay, isKept: true, alreadyTold, ...(logFile && { logFile }) });
  } finally {
    await council.close();
    logFile?.close();
  }
}

async function printEnd(ended: RunEnded, events: readonly RunEvent[], { strict }: Resume, session: Session): Promise<number> {
  const { io, output, narrator } = session;
  if (output.json) for (const line of exportJsonl(events)) io.stdout.write(line);
  narrator.line({ tone: "faint", text: "This run has ended; nothing is asked again." });
  for (const text of outcomeText(ended)) narrator.line({ tone: "result", text });
  writeAnswer(ended, session);
  return finish(ended, session, strict);
}

/** Before anything is built for it: servers are not asked and models not loaded for nothing. */
function refuseWhileAlive({ runId, owner }: RunSummary): void {
  if (owner === undefined || !isAlive(owner)) return;
  throw new MassgenError("run-live", `Run ${runId} is being run by process ${owner.pid}.`, {
    hint: `Wait for it, or end process ${owner.pid} first.`,
  });
}
