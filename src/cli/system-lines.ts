import { createInterface, type Key } from "node:readline";
import { Writable } from "node:stream";
import type { Lines, Typed } from "./io.ts";

const ESC = "\u001B";
/** The terminal then marks what is pasted, so that its line ends are no Enter. */
const MARK_PASTES = `${ESC}[?2004h`;
const MARK_NO_PASTES = `${ESC}[?2004l`;
const MOST_REMEMBERED = 200;

/**
 * Lines of the process's standard input. At a terminal they can be edited, earlier ones come back with the arrow keys, and what is typed while
 * nobody waits is not echoed into what is printed then.
 */
export function systemLines(): Lines {
  const { stdin } = process;
  const screen = stdin.isTTY ? [process.stderr, process.stdout].find(({ isTTY }) => isTTY) : undefined;
  const echo = screen === undefined ? undefined : mutable(screen);
  const marksPastes = screen !== undefined && process.env["TERM"] !== "dumb";
  const reader = createInterface({
    input: stdin,
    ...(echo && { output: echo.stream }),
    terminal: echo !== undefined,
    historySize: MOST_REMEMBERED,
  });
  const early: Typed[] = [];
  const pasted: string[] = [];
  let isPasting = false;
  let hasEnded = false;
  let waiting: ((typed: Typed) => void) | undefined;

  const give = (typed: Typed): void => {
    echo?.mute();
    if (waiting === undefined) early.push(typed);
    else waiting(typed);
    waiting = undefined;
  };
  const onKey = (_text: string | undefined, { name }: Key): void => {
    if (name === "paste-start") isPasting = true;
    if (name === "paste-end") isPasting = false;
  };
  const dropLine = (): void => {
    pasted.length = 0;
    for (const name of ["e", "u"]) reader.write(null, { ctrl: true, name });
  };
  const restoreScreen = (): unknown => marksPastes && screen?.write(MARK_NO_PASTES);

  reader.on("line", (line) => {
    pasted.push(line);
    if (!isPasting) give({ type: "line", text: pasted.splice(0).join("\n"), early: waiting === undefined });
  });
  reader.on("SIGINT", () => {
    if (waiting === undefined) {
      dropLine();
      early.length = 0;
      process.kill(process.pid, "SIGINT");
      return;
    }
    screen?.write("^C\n");
    echo?.mute();
    dropLine();
    give({ type: "interrupt" });
  });
  reader.on("close", () => {
    hasEnded = true;
    give({ type: "end" });
  });
  stdin.on("keypress", onKey);
  if (marksPastes) screen.write(MARK_PASTES);
  process.once("exit", restoreScreen);

  return {
    next(prompt, signal) {
      const [typed] = early.splice(0, 1);
      if (typed !== undefined) return Promise.resolve(typed);
      if (hasEnded || signal.aborted) return Promise.resolve({ type: "end" });
      return new Promise((resolve) => {
        const leave = (): void => give({ type: "end" });
        signal.addEventListener("abort", leave, { once: true });
        waiting = (given) => {
          signal.removeEventListener("abort", leave);
          resolve(given);
        };
        if (echo === undefined) return;
        echo.unmute();
        // A line that was begun unseen may be longer than the terminal is wide; the reader goes up by as many rows to draw it.
        screen?.write("\n".repeat(reader.getCursorPos().rows));
        reader.setPrompt(prompt);
        reader.prompt(true);
      });
    },
    close() {
      stdin.off("keypress", onKey);
      reader.close();
      restoreScreen();
      process.off("exit", restoreScreen);
    },
  };
}

interface Mutable {
  readonly stream: Writable;
  mute(): void;
  unmute(): void;
}

function mutable(screen: NodeJS.WriteStream): Mutable {
  let isMuted = true;
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Uint8Array, _encoding, done) {
      if (!isMuted) screen.write(chunk);
      done();
    },
  });
  Object.defineProperty(stream, "columns", { get: () => screen.columns });
  screen.on("resize", () => stream.emit("resize"));
  return { stream, mute: () => (isMuted = true), unmute: () => (isMuted = false) };
}
