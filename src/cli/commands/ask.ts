import type { Command } from "../command.ts";
import { usageError } from "../flags.ts";
import { interruptible } from "../interruptible.ts";
import { openCouncil, prepareCouncil } from "../open-council.ts";
import { questionWithContext } from "../question.ts";
import { readInput } from "../read-input.ts";
import type { Session } from "../session.ts";
import { watchRun } from "../watch-run.ts";
import { duration, grouped } from "../../views/measures.ts";
import type { TimelineLine } from "../../views/timeline-line.ts";

type Ask = Extract<Command, { type: "ask" }>;

/** Asks a council and returns the exit code. Without a question at a terminal a conversation begins. */
export async function ask(command: Ask, session: Session): Promise<number> {
  const { options } = command;
  if (options.dryRun) return (await import("./dry-run.ts")).dryRun(options, session);
  if (command.question === undefined && session.io.stdin.kind === "terminal") return (await import("./chat.ts")).chat(command, session);
  const { full, prepared } = await interruptible(session.io, (signal) => prepare(command, session, signal));
  const { seating, history, files } = prepared;
  const opened = openCouncil(prepared, options, session);
  const { council, watching, logPath } = opened;
  try {
    const { seed, notices } = seating;
    const run = council.ask(full.question, { history, attachments: files, seed, notices, setup: seating.council.setup });
    session.narrator.line({ tone: "faint", text: `Run ${run.runId}` });
    if (logPath !== undefined) session.narrator.line({ tone: "faint", text: `Log: ${logPath} (massgen show ${run.runId})` });
    if (full.note !== undefined) session.narrator.line(full.note);
    return await watchRun(run, session, watching);
  } finally {
    await opened.close();
  }
}

/** Everything that comes before the run. What needs no waiting for standard input is checked first. */
async function prepare({ question, options }: Ask, session: Session, signal: AbortSignal) {
  const early = question === undefined ? await fullQuestion(question, session, signal) : undefined;
  const prepared = await prepareCouncil(options, session, signal);
  return { full: early ?? (await fullQuestion(question, session, signal)), prepared };
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
