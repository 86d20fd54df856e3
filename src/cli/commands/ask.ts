import type { EventLog } from "../../log/event-log.ts";
import { createMemoryLog } from "../../log/memory-log.ts";
import { openSqliteLog } from "../../log/sqlite-log.ts";
import { createCouncil } from "../../library/create-council.ts";
import { readAllowed } from "../allowed.ts";
import type { Command } from "../command.ts";
import { usageError } from "../flags.ts";
import { interruptible } from "../interruptible.ts";
import { librarySeats } from "../library-seats.ts";
import { questionWithContext } from "../question.ts";
import { readInput } from "../read-input.ts";
import { planCouncil, seatCouncil } from "../seat-council.ts";
import { foldersOf, logFileOf, type Session } from "../session.ts";
import { surroundingsOf } from "../surroundings.ts";
import { watchRun } from "../watch-run.ts";
import { duration, grouped } from "../../views/measures.ts";
import type { TimelineLine } from "../../views/timeline-line.ts";

type Ask = Extract<Command, { type: "ask" }>;

/** Asks a council and returns the exit code. */
export async function ask(command: Ask, session: Session): Promise<number> {
  const { options } = command;
  if (options.dryRun) return (await import("./dry-run.ts")).dryRun(options, session);
  const { full, history, seating } = await interruptible(session.io, (signal) => prepare(command, session, signal));
  const { council: built, settings, seed, ui } = seating;
  const isKept = !options.noLogs && ui?.logging_enabled !== false;
  const logFile = logFileOf(session);
  const log: EventLog = isKept ? openSqliteLog(foldersOf(session.io).log) : createMemoryLog();
  const council = createCouncil({ seats: librarySeats(built.seats), settings, log, secrets: built.secrets, clock: session.io.clock });
  try {
    const run = council.ask(full.question, { history, seed, notices: seating.notices, setup: built.setup });
    session.narrator.line({ tone: "faint", text: `Run ${run.runId}` });
    if (full.note !== undefined) session.narrator.line(full.note);
    const noDisplay = options.noDisplay || ui?.display_type === "simple";
    return await watchRun(run, session, { strict: options.strict, noDisplay, isKept, ...(logFile && { logFile }) });
  } finally {
    await council.close();
    log.close();
    logFile?.close();
  }
}

/** Everything that comes before the run. What needs no waiting for standard input is checked first. */
async function prepare({ question, options }: Ask, session: Session, signal: AbortSignal) {
  const early = question === undefined ? await fullQuestion(question, session, signal) : undefined;
  const history = options.history === undefined ? [] : await (await import("../read-history.ts")).readHistory(options.history);
  const surroundings = surroundingsOf(session);
  const planned = await planCouncil({ cloud: readAllowed(session).cloud, ...options }, surroundings, signal);
  for (const secret of planned.plan.secrets ?? []) session.secrets.add(secret);
  const seating = await seatCouncil(planned, surroundings, signal);
  for (const secret of seating.council.secrets) session.secrets.add(secret);
  return { full: early ?? (await fullQuestion(question, session, signal)), history, seating };
}

interface FullQuestion {
  readonly question: string;
  /** What became of standard input. */
  readonly note?: TimelineLine;
}

/** The question from the command line, from standard input, or from both. */
async function fullQuestion(question: string | undefined, { io }: Session, signal: AbortSignal): Promise<FullQuestion> {
  const input = await readInput(io.stdin, io.clock, signal);
  if (question === undefined) {
    if (input.type === "text") return { question: input.text.trim() };
    throw noQuestion();
  }
  if (input.type === "empty") return { question };
  if (input.type === "silent") {
    const text = `Standard input is open but gave nothing for ${duration(input.afterMs)}: going on without it. (< /dev/null leaves it out at once.)`;
    return { question, note: { tone: "warning", text } };
  }
  const note: TimelineLine = { tone: "faint", text: `With ${grouped(input.text.length)} characters of context from standard input.` };
  return { question: questionWithContext(question, input.text), note };
}

function noQuestion(): Error {
  return usageError("There is no question.", 'massgen "QUESTION" asks one; massgen --help shows what else there is.');
}
