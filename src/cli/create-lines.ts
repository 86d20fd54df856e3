import { createInterface, type Key } from "node:readline";
import { Writable } from "node:stream";
import type { Lines, Typed } from "./io.ts";

const ESC = "\u001B";
/** The terminal then marks what is pasted, so that its line ends are no Enter. */
const MARK_PASTES = `${ESC}[?2004h`;
const MARK_NO_PASTES = `${ESC}[?2004l`;
const MOST_REMEMBERED = 200;

/** Where lines come from, and what there is around it. */
export interface LineSource {
  readonly input: NodeJS.ReadableStream;
  /** The terminal somebody types at; undefined where nobody does, as with a pipe. */
  readonly screen?: Screen;
  /** Does what Ctrl-C does to a process. */
  readonly interrupt: () => void;
  /** Whether the terminal can mark what is pasted; the marks are taken back by `close`. */
  readonly marksPastes: boolean;
}

export type Screen = Pick<NodeJS.WriteStream, "write" | "columns" | "on" | "off">;

/**
 * Lines, one at a time. At a terminal they can be edited, earlier ones come back with the arrow keys, and what is typed while nobody waits is
 * not echoed into what is printed then.
 */
export function createLines({ input, screen, interrupt, marksPastes }: LineSource): Lines {
  const echo = screen === undefined ? undefined : mutable(screen);
  const reader = createInterface({
    input,
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
  const end = (): void => {
    if (waiting !== undefined) screen?.write("\n");
    give({ type: "end" });
  };

  reader.on("line", (line) => {
    pasted.push(line);
    if (!isPasting) give({ type: "line", text: pasted.splice(0).join("\n"), unseen: echo === undefined || waiting === undefined });
  });
  reader.on("SIGINT", () => {
    if (waiting === undefined) {
      dropLine();
      early.length = 0;
      interrupt();
      return;
    }
    screen?.write("^C\n");
    echo?.mute();
    dropLine();
    give({ type: "interrupt" });
  });
  reader.on("close", () => {
    hasEnded = true;
    end();
  });
  input.on("keypress", onKey);
  if (marksPastes) screen?.write(MARK_PASTES);

  return {
    next(prompt, signal) {
      const [typed] = early.splice(0, 1);
      if (typed !== undefined) return Promise.resolve(typed);
      if (hasEnded || signal.aborted) return Promise.resolve({ type: "end" });
      return new Promise((resolve) => {
        signal.addEventListener("abort", end, { once: true });
        waiting = (given) => {
          signal.removeEventListener("abort", end);
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
      input.off("keypress", onKey);
      reader.close();
      echo?.release();
      if (marksPastes) screen?.write(MARK_NO_PASTES);
    },
  };
}

interface Mutable {
  readonly stream: Writable;
  mute(): void;
  unmute(): void;
  release(): void;
}

function mutable(screen: Screen): Mutable {
  let isMuted = true;
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Uint8Array, _encoding, done) {
      if (!isMuted) screen.write(chunk);
      done();
    },
  });
  Object.defineProperty(stream, "columns", { get: () => screen.columns });
  const resized = (): unknown => stream.emit("resize");
  screen.on("resize", resized);
  return { stream, mute: () => (isMuted = true), unmute: () => (isMuted = false), release: () => screen.off("resize", resized) };
}
