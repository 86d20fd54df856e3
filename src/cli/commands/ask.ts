import type { EventLog } from "../../log/event-log.ts";
import { createMemoryLog } from "../../log/memory-log.ts";
import { openSqliteLog } from "../../log/sqlite-log.ts";
import { createCouncil } from "../../library/create-council.ts";
import type { Command } from "../arguments.ts";
import { usageError } from "../flags.ts";
import { interruptible } from "../interruptible.ts";
import { librarySeats } from "../library-seats.ts";
import { questionWithContext } from "../question.ts";
import { readHistory } from "../read-history.ts";
import { readInput } from "../read-input.ts";
import { seatCouncil } from "../seat-council.ts";
import { foldersOf, type Session } from "../session.ts";
import { surroundingsOf } from "../surroundings.ts";
import { watchRun } from "../watch-run.ts";
import { duration, grouped } from "../../views/measures.ts";
import type { TimelineLine } from "../../views/timeline-line.ts";

type Ask = Extract<Command, { type: "ask" }>;

/** Asks a council and returns the exit code. */
export async function ask(command: Ask, session: Session): Promise<number> {
  const { options } = command;
  const { narrator } = session;
  const { question, note, history, seating } = await interruptible(session.io, (signal) => prepare(command, session, signal));
  for (const secret of seating.council.secrets) session.secrets.add(secret);
  const isKept = !options.noLogs && seating.ui?.logging_enabled !== false;
  const log: EventLog = isKept ? openSqliteLog(foldersOf(session.io).log) : createMemoryLog();
  const { council: built, settings, seed } = seating;
  const council = createCouncil({ seats: librarySeats(built.seats), settings, log, secrets: built.secrets, clock: session.io.clock });
  try {
    const run = council.ask(question, { history, seed, setup: built.setup });
    narrator.line({ tone: "faint", text: `Run ${run.runId}` });
    if (note !== undefined) narrator.line(note);
    if (seating.reason !== undefined) narrator.line({ tone: "plain", text: seating.reason });
    for (const text of seating.warnings) narrator.line({ tone: "warning", text });
    const noDisplay = options.noDisplay || seating.ui?.display_type === "simple";
    return await watchRun(run, session, { strict: options.strict, noDisplay, isKept });
  } finally {
    await council.close();
    log.close();
  }
}

/** Everything that comes before the run. */
async function prepare({ question: words, options }: Ask, session: Session, signal: AbortSignal) {
  const full = await fullQuestion(words, session, signal);
  const history = options.history === undefined ? [] : await readHistory(options.history);
  return { ...full, history, seating: await seatCouncil(options, surroundingsOf(session), signal) };
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
