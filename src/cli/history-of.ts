import { existsSync } from "node:fs";
import { MassgenError } from "../core/errors.ts";
import { stateOf } from "../core/evolve.ts";
import type { Turn } from "../core/facts/settings.ts";
import { openSqliteLog } from "../log/sqlite-log.ts";
import { findRun } from "./find-run.ts";
import { readHistory } from "./read-history.ts";
import { foldersOf, type Session } from "./session.ts";

/**
 * The conversation so far: of a file, or of an earlier run (its id, the beginning of one, or `last`), to its answer.
 * @throws MassgenError `config` for a file that is none and a run without an answer, `run-unknown`
 */
export async function historyOf(wanted: string, { io }: Pick<Session, "io">): Promise<readonly Turn[]> {
  return namesRun(wanted) ? upToAnswer(wanted, foldersOf(io).log) : readHistory(wanted);
}

function namesRun(wanted: string): boolean {
  return /^(?:last|\d{8}-[\w-]*)$/u.test(wanted) && !existsSync(wanted);
}

function upToAnswer(wanted: string, path: string): readonly Turn[] {
  const log = openSqliteLog(path);
  try {
    const { runId } = findRun(log.list(), wanted);
    const state = stateOf(log.read(runId));
    const answer = state?.ended?.answer ?? null;
    if (state === undefined || answer === null) {
      throw new MassgenError("config", `Run ${runId} has no answer to go on from.`, { hint: "massgen runs lists the others." });
    }
    const { history, question, attachments } = state.started;
    return [...history, { role: "user", text: question, ...(attachments && { attachments }) }, { role: "assistant", text: answer }];
  } finally {
    log.close();
  }
}
