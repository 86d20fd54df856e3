import { plainText } from "../views/plain-text.ts";
import type { TimelineLine } from "../views/timeline-line.ts";
import type { Level } from "./command.ts";
import type { Io } from "./io.ts";

type Tone = TimelineLine["tone"] | "error";

/** A terminal writes `^C` behind the status, which must not begin a line of its own; nor may the cursor. */
const ROOM_FOR_CTRL_C = 3;

const colours: Readonly<Record<Tone, string>> = { plain: "", faint: "2", warning: "33", result: "1", error: "31" };
const ESC = "\u001B";

/** Everything that is told besides the answer: on standard error, as much of it as the level asks for. Nothing in it moves a terminal. */
export interface Narrator {
  /** Whether there is a terminal that a line can be redrawn on. */
  readonly isLive: boolean;
  /** Nothing at `quiet`. */
  line(line: TimelineLine): void;
  /** At every level. `hint` says what to do about it. */
  error(sentence: string, hint?: string): void;
  /** One line that is drawn over again; an empty one takes it away. `shorter` stands where `text` does not fit. */
  status(text: string, shorter?: string): void;
}

export function createNarrator(io: Pick<Io, "stderr" | "environment">, level: Level, noColor: boolean): Narrator {
  const { stderr, environment } = io;
  const smart = stderr.isTerminal && environment["TERM"] !== "dumb";
  const hasColor = smart && !noColor && (environment["NO_COLOR"] ?? "") === "";
  let drawn = 0;
  let status = "";

  const paint = (text: string, tone: Tone): string =>
    hasColor && colours[tone] !== "" ? `${ESC}[${colours[tone]}m${text}${ESC}[0m` : text;
  const draw = (text: string): void => {
    if (text === "" && drawn === 0) return;
    const width = widthOf(text);
    stderr.write(`\r${text}${" ".repeat(Math.max(0, drawn - width))}${text === "" ? "\r" : ""}`);
    drawn = width;
  };
  const write = (text: string, tone: Tone): void => {
    draw("");
    stderr.write(`${paint(plainText(text), tone)}\n`);
    draw(status);
  };

  return {
    isLive: smart && level !== "quiet",
    line: ({ text, tone }) => {
      if (level !== "quiet") write(text, tone);
    },
    error(sentence, hint) {
      write(`massgen: ${sentence}`, "error");
      if (hint !== undefined) for (const line of hint.split("\n")) write(`  ${line}`, "plain");
    },
    status(text, shorter = text) {
      if (!smart || level === "quiet") return;
      const columns = stderr.columns - ROOM_FOR_CTRL_C;
      status = fitting(plainText(widthOf(text) > columns ? shorter : text), columns);
      draw(status);
    },
  };
}

/** Columns of a terminal; a character outside Latin scripts may take two. */
function widthOf(text: string): number {
  return Array.from(text).reduce((width, character) => width + ((character.codePointAt(0) ?? 0) < 0x1100 ? 1 : 2), 0);
}

/** Cut so that it takes no second line of the terminal. */
function fitting(text: string, columns: number): string {
  let width = 0;
  let end = 0;
  for (const character of text) {
    width += widthOf(character);
    if (width > columns) break;
    end += character.length;
  }
  return text.slice(0, end);
}
