import { rebuildCouncil } from "../../config/rebuild-council.ts";
import { stateOf } from "../../core/evolve.ts";
import { MassgenError } from "../../core/errors.ts";
import { createCouncil } from "../../library/create-council.ts";
import type { RunSummary } from "../../log/event-log.ts";
import { isAlive } from "../../log/owner.ts";
import { openSqliteLog } from "../../log/sqlite-log.ts";
import { outcomeText } from "../../views/outcome-text.ts";
import { exportJsonl } from "../../log/jsonl.ts";
import type { RunEvent } from "../../core/facts.ts";
import type { RunEnded } from "../../core/facts/run.ts";
import type { Command } from "../arguments.ts";
import { findRun } from "../find-run.ts";
import { interruptible } from "../interruptible.ts";
import { foldersOf, type Session } from "../session.ts";
import { surroundingsOf } from "../surroundings.ts";
import { finish, watchRun } from "../watch-run.ts";
import { librarySeats } from "../library-seats.ts";

type Resume = Extract<Command, { type: "resume" }>;

/** Goes on with a run whose process died; of one that has ended it prints the end. Returns the exit code. */
export async function resume(command: Resume, session: Session): Promise<number> {
  const log = openSqliteLog(foldersOf(session.io).log);
  try {
    const found = findRun(log.list(), command.run);
    const events = log.read(found.runId);
    const state = stateOf(events);
    if (state?.ended !== undefined) return await printEnd(state.ended, events, command, session);
    refuseWhileAlive(found);
    const surroundings = { ...surroundingsOf(session), ...(command.config !== undefined && { configFile: command.config }) };
    const built = await interruptible(session.io, (signal) => rebuildCouncil(state?.started.setup, surroundings, signal));
    for (const secret of built.secrets) session.secrets.add(secret);
    const council = createCouncil({ seats: librarySeats(built.seats), log, secrets: built.secrets, clock: session.io.clock });
    try {
      const run = council.resume(found.runId);
      session.narrator.line({ tone: "faint", text: `Run ${run.runId}` });
      for (const text of built.notices) session.narrator.line({ tone: "warning", text });
      const { strict, noDisplay } = command;
      return await watchRun(run, session, { strict, noDisplay, isKept: true, alreadyTold: events.length });
    } finally {
      await council.close();
    }
  } finally {
    log.close();
  }
}

async function printEnd(ended: RunEnded, events: readonly RunEvent[], { strict }: Resume, session: Session): Promise<number> {
  const { io, output, narrator } = session;
  if (output.json) for (const line of exportJsonl(events)) io.stdout.write(line);
  narrator.line({ tone: "faint", text: "This run has ended; nothing is asked again." });
  for (const text of outcomeText(ended)) narrator.line({ tone: "result", text });
  return finish(ended, session, strict);
}

/** Before anything is built for it: servers are not asked and models not loaded for nothing. */
function refuseWhileAlive({ runId, owner }: RunSummary): void {
  if (owner === undefined || !isAlive(owner)) return;
  throw new MassgenError("run-live", `Run ${runId} is being run by process ${owner.pid}.`, {
    hint: `Wait for it, or end process ${owner.pid} first.`,
  });
}
