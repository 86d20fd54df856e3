import { redactText } from "../../log/redaction.ts";
import type { Turn } from "../../core/facts/settings.ts";
import type { FileSource } from "../../files/read-source.ts";
import type { TakenFile } from "../../files/take-in.ts";
import type { RunResult } from "../../library/create-council.ts";
import { attachmentText } from "../../views/attachment-text.ts";
import { counted, duration } from "../../views/measures.ts";
import { plainText } from "../../views/plain-text.ts";
import { type ChatCommand, chatHelp, readChatLine } from "../chat/read-chat-line.ts";
import { whoIsHere } from "../chat/who-is-here.ts";
import type { Command } from "../command.ts";
import { DEGRADED } from "../exit-code.ts";
import { interruptible } from "../interruptible.ts";
import type { Lines, Typed } from "../io.ts";
import { filesOf, type OpenCouncil, openCouncil, type Prepared, prepareCouncil } from "../open-council.ts";
import { usageError } from "../flags.ts";
import { firstByteMs } from "../read-input.ts";
import { reportError } from "../report-error.ts";
import type { Session } from "../session.ts";
import { checkSeats } from "../check-seats.ts";
import { watchRun } from "../watch-run.ts";

const PROMPT = "> ";

/** Asks a council question after question until the person leaves. 0, or with `--strict` 5 once an agent was lost. */
export async function chat({ options }: Pick<Extract<Command, { type: "chat" }>, "options">, session: Session): Promise<number> {
  if (options.dryRun) return (await import("./dry-run.ts")).dryRun(options, session);
  const prepared = await interruptible(session.io, (signal) => prepareCouncil(options, session, signal));
  const opened = openCouncil(prepared, options, session);
  const lines = await session.io.stdin.lines();
  try {
    return await new Chat(prepared, opened, session).converse(lines);
  } finally {
    lines.close();
    await opened.close();
  }
}

/** One conversation. The council is built once; between turns it keeps nothing but what it learned of its models. */
class Chat {
  readonly #prepared: Prepared;
  readonly #opened: OpenCouncil;
  readonly #session: Session;
  #history: readonly Turn[];
  /** What goes with the next question. */
  #files: readonly TakenFile[];
  #turns = 0;
  #code = 0;

  constructor(prepared: Prepared, opened: OpenCouncil, session: Session) {
    this.#prepared = prepared;
    this.#opened = opened;
    this.#session = session;
    this.#history = prepared.history;
    this.#files = prepared.files;
  }

  async converse(lines: Lines): Promise<number> {
    this.#greet();
    let typed = await this.#first(lines);
    for (let interrupts = 0; typed.type !== "end"; typed = await this.#next(lines)) {
      interrupts = typed.type === "interrupt" ? interrupts + 1 : 0;
      if (interrupts === 2 || (typed.type === "line" && !(await this.#take(typed)))) break;
      if (interrupts === 1) this.#say("Ctrl-C once more leaves.");
    }
    this.#session.narrator.line({ tone: "faint", text: "Goodbye." });
    return this.#code;
  }

  /** Where nobody types, an input that stays open and silent is not waited for. */
  async #first(lines: Lines): Promise<Typed> {
    const { stdin, clock } = this.#session.io;
    if (stdin.kind === "terminal") return this.#next(lines);
    const tooLate = new AbortController();
    const longest = firstByteMs(stdin.kind);
    const cancel = clock.schedule(clock.now() + longest, () => tooLate.abort());
    const typed = await this.#next(lines, tooLate.signal);
    cancel();
    if (!tooLate.signal.aborted) return typed;
    throw usageError(`Standard input is open but gave nothing for ${duration(longest)}.`, 'massgen "QUESTION" asks one question.');
  }

  /** A request to end the process that comes while nothing runs ends the conversation. */
  async #next(lines: Lines, ...signals: readonly AbortSignal[]): Promise<Typed> {
    const leaving = new AbortController();
    const takeBack = this.#session.io.onInterrupt(() => leaving.abort());
    try {
      return await lines.next(PROMPT, AbortSignal.any([leaving.signal, ...signals]));
    } finally {
      takeBack();
    }
  }

  /** @returns whether the conversation goes on */
  async #take({ text, unseen }: Extract<Typed, { type: "line" }>): Promise<boolean> {
    if (unseen) this.#say(`${PROMPT}${plainText(text)}`);
    const line = readChatLine(text);
    switch (line.type) {
      case "command":
        return this.#perform(line.command);
      case "empty":
        this.#say("Ask something, or /help.");
        return true;
      case "unknown":
        this.#say(plainText(line.sentence));
        return true;
      case "attach":
        await this.#attach(line.source);
        return true;
      case "question":
        await this.#ask(line.question);
        return true;
    }
  }

  #perform(command: ChatCommand): boolean {
    switch (command) {
      case "quit":
        return false;
      case "reset":
        this.#history = [];
        this.#files = [];
        this.#say("The conversation so far is forgotten.");
        return true;
      case "help":
        this.#say(chatHelp);
        return true;
      case "status":
        this.#status();
        return true;
    }
  }

  #status(): void {
    const who = whoIsHere(this.#prepared.seating, this.#opened);
    for (const text of [...who, `Exchanges: ${this.#exchanges()}`, ...this.#waiting()]) this.#say(text);
  }

  /** What cannot be taken, or read by nobody here, is told and left out. */
  async #attach(source: FileSource): Promise<void> {
    await this.#unlessTrouble(async () => {
      const files = await filesOf([...this.#files, source]);
      const lacking = checkSeats(files, this.#prepared.seating.council.seats);
      this.#files = files;
      for (const text of [...this.#waiting(), ...lacking]) this.#say(plainText(text));
    });
  }

  #waiting(): readonly string[] {
    return this.#files.map(({ attachment }) => `With the next question goes ${attachmentText(attachment)}`);
  }

  async #ask(question: string): Promise<void> {
    await this.#unlessTrouble(async () => {
      const ended = await this.#turn(question);
      if (ended.answer === null) return;
      const attachments = this.#files.map(({ attachment }) => attachment);
      this.#files = [];
      this.#history = [
        ...this.#history,
        { role: "user", text: question, ...(attachments.length > 0 && { attachments }) },
        { role: "assistant", text: ended.answer },
      ];
    });
  }

  /** What goes wrong with a line is told, and ends nothing but what it asked for. */
  async #unlessTrouble(what: () => Promise<void>): Promise<void> {
    const { output, secrets, io } = this.#session;
    try {
      await what();
    } catch (error) {
      await reportError(error, io, { level: output.level, noColor: output.noColor, secrets });
    }
  }

  async #turn(question: string): Promise<RunResult> {
    const { council, watching } = this.#opened;
    const { seed, council: built } = this.#prepared.seating;
    const run = council.ask(question, { history: this.#history, attachments: this.#files, seed: seed + this.#turns, setup: built.setup });
    this.#turns += 1;
    this.#session.narrator.line({ tone: "faint", text: `Run ${run.runId}` });
    if ((await watchRun(run, this.#session, watching)) === DEGRADED) this.#code = DEGRADED;
    return run.result;
  }

  #greet(): void {
    const { narrator, secrets } = this.#session;
    for (const text of whoIsHere(this.#prepared.seating, this.#opened)) narrator.line({ tone: "plain", text });
    for (const { level, text } of this.#prepared.seating.notices) {
      narrator.line({ tone: level === "warning" ? "warning" : "plain", text: redactText(text, [...secrets]) });
    }
    for (const text of this.#waiting()) narrator.line({ tone: "plain", text });
    const exchanges = this.#exchanges();
    if (exchanges > 0) narrator.line({ tone: "plain", text: `Goes on after ${counted(exchanges, "exchange")}.` });
    narrator.line({ tone: "faint", text: "Ask away. /help, /status, /reset, /image, /file; /quit or Ctrl-D leaves." });
  }

  #exchanges(): number {
    return this.#history.filter(({ role }) => role === "user").length;
  }

  /** What was asked for is told at every level. */
  #say(text: string): void {
    this.#session.io.stderr.write(`${text}\n`);
  }
}
