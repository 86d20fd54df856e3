import { describe, expect, test } from "vitest";
import type { Level } from "./command.ts";
import type { TextStream } from "./io.ts";
import { createNarrator } from "./narrator.ts";

function stderr(isTerminal: boolean, columns = 40): TextStream & { readonly text: () => string } {
  const pieces: string[] = [];
  return { isTerminal, columns, write: (text) => void pieces.push(text), flushed: async () => undefined, text: () => pieces.join("") };
}

const ESC = "\u001B";

describe("colour", () => {
  test.each<[string, { terminal?: false; environment?: Record<string, string>; noColor?: true }, boolean]>([
    ["on a terminal", {}, true],
    ["not elsewhere", { terminal: false }, false],
    ["not with NO_COLOR", { environment: { NO_COLOR: "1" } }, false],
    ["an empty NO_COLOR does not count", { environment: { NO_COLOR: "" } }, true],
    ["not with --no-color", { noColor: true }, false],
    ["not on a dumb terminal", { environment: { TERM: "dumb" } }, false],
  ])("%s", (_name, { terminal = true, environment = {}, noColor = false }, colored) => {
    const stream = stderr(terminal);
    createNarrator({ stderr: stream, environment }, "normal", noColor).line({ tone: "warning", text: "mind" });
    expect(stream.text()).toBe(colored ? `${ESC}[33mmind${ESC}[0m\n` : "mind\n");
  });
});

test("nothing that is told moves a terminal, wherever it came from", () => {
  const stream = stderr(true);
  const narrator = createNarrator({ stderr: stream, environment: {} }, "normal", true);
  narrator.line({ tone: "warning", text: `The server said ${ESC}]0;mine\u0007${ESC}[2Jhello` });
  narrator.error(`wrong${ESC}[31m`, `do\u009B1m this`);
  narrator.status(`${ESC}[5mbusy`);
  expect(stream.text()).toBe("The server said hello\nmassgen: wrong\n  do1m this\n\rbusy");
});

describe("levels", () => {
  test.each<[Level, string]>([
    ["quiet", "massgen: wrong\n  do this\n"],
    ["normal", "told\nmassgen: wrong\n  do this\n"],
  ])("%s", (level, text) => {
    const stream = stderr(false);
    const narrator = createNarrator({ stderr: stream, environment: {} }, level, false);
    narrator.line({ tone: "plain", text: "told" });
    narrator.error("wrong", "do this");
    expect(stream.text()).toBe(text);
  });
});

describe("the line that is drawn over again", () => {
  test("is cleared before a line and drawn again after it, and never wraps", () => {
    const stream = stderr(true, 10);
    const narrator = createNarrator({ stderr: stream, environment: { NO_COLOR: "1" } }, "normal", false);
    narrator.status("working on it");
    narrator.line({ tone: "plain", text: "news" });
    narrator.status("日本語日本語");
    narrator.status("");
    narrator.status("日本語日本語");
    narrator.status("ab");
    expect(stream.text()).toBe("\rworking\r       \rnews\n\rworking\r日本語 \r      \r\r日本語\rab    ");
  });

  test("is said in fewer words where there is no room", () => {
    const stream = stderr(true, 13);
    const narrator = createNarrator({ stderr: stream, environment: {} }, "normal", false);
    narrator.status("ten column", "fewer");
    narrator.status("more of them", "fewer");
    narrator.status("more of them", "fewer, but not few");
    expect(stream.text()).toBe("\rten column\rfewer     \rfewer, but");
  });

  test.each<[string, boolean, Level, Record<string, string>]>([
    ["without a terminal", false, "normal", {}],
    ["at -q", true, "quiet", {}],
    ["on a dumb terminal", true, "normal", { TERM: "dumb" }],
  ])("there is none %s", (_name, isTerminal, level, environment) => {
    const stream = stderr(isTerminal);
    const narrator = createNarrator({ stderr: stream, environment }, level, false);
    narrator.status("working");
    expect([narrator.isLive, stream.text()]).toEqual([false, ""]);
  });
});
