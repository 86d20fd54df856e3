import type { TimelineLine } from "../views/timeline-line.ts";
import type { Level } from "./arguments.ts";
import type { Io } from "./io.ts";

type Tone = TimelineLine["tone"] | "error";

const colours: Readonly<Record<Tone, string>> = { plain: "", faint: "2", warning: "33", result: "1", error: "31" };
const ESC = "\u001B";

/** Everything that is told besides the answer: on standard error, as much of it as the level asks for. */
export interface Narrator {
  /** Whether there is a terminal that a line can be redrawn on. */
  readonly isLive: boolean;
  /** Nothing at `quiet`. */
  line(line: TimelineLine): void;
  /** At every level. `hint` says what to do about it. */
  error(sentence: string, hint?: string): void;
  /** One line that is drawn over again; an empty one takes it away. */
  status(text: string): void;
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
    stderr.write(`\r${text.padEnd(drawn)}${text === "" ? "\r" : ""}`);
    drawn = text.length;
  };
  const write = (text: string, tone: Tone): void => {
    draw("");
    stderr.write(`${paint(text, tone)}\n`);
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
    status(text) {
      if (!smart || level === "quiet") return;
      status = fitting(text, stderr.columns - 1);
      draw(status);
    },
  };
}

/** Cut so that it takes no second line of the terminal; a character outside Latin scripts may take two columns. */
function fitting(text: string, columns: number): string {
  let width = 0;
  let end = 0;
  for (const character of text) {
    width += (character.codePointAt(0) ?? 0) < 0x1100 ? 1 : 2;
    if (width > columns) break;
    end += character.length;
  }
  return text.slice(0, end);
}
