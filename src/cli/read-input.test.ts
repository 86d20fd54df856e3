import { describe, expect, test } from "vitest";
import { virtualClock } from "../testing/virtual-clock.ts";
import type { Input } from "./io.ts";
import { type InputRead, readInput } from "./read-input.ts";

const never = new Promise<never>(() => undefined);

/** Gives the pieces at once; then ends, or stays open for ever. */
function input(kind: Input["kind"], pieces: readonly (string | Uint8Array)[], end: "closed" | "open" = "closed"): Input {
  return {
    kind,
    async *chunks() {
      for (const piece of pieces) yield typeof piece === "string" ? new TextEncoder().encode(piece) : piece;
      if (end === "open") await never;
    },
    readLine: () => never,
    lines: () => never,
  };
}

function read(source: Input, signal = new AbortController().signal): Promise<InputRead> {
  const clock = virtualClock();
  return clock.runUntil(readInput(source, clock, signal));
}

describe("standard input", () => {
  test.each<[string, Input, InputRead]>([
    ["a file", input("file", ["all ", "of it\n"]), { type: "text", text: "all of it\n" }],
    ["a pipe", input("pipe", ["é".slice(0, 1), "\n"]), { type: "text", text: "é\n" }],
    ["nothing in it", input("pipe", []), { type: "empty" }],
    ["only white space", input("file", [" \n\n"]), { type: "empty" }],
    ["a terminal is not read", input("terminal", ["never read"], "open"), { type: "empty" }],
    ["/dev/null is not read", input("none", ["never read"], "open"), { type: "empty" }],
    ["a pipe that is open and silent", input("pipe", [], "open"), { type: "silent", afterMs: 5_000 }],
    ["a socket that is open and silent", input("socket", [], "open"), { type: "silent", afterMs: 1_000 }],
    ["a character cut in two", input("pipe", [new Uint8Array([0xc3]), new Uint8Array([0xa9])]), { type: "text", text: "é" }],
  ])("%s", async (_name, source, expected) => {
    await expect(read(source)).resolves.toEqual(expected);
  });

  test.each<[string, Input, RegExp]>([
    ["that stays open in the middle", input("pipe", ["half"], "open"), /stopped in the middle/u],
    ["that is not UTF-8", input("file", [new Uint8Array([0xff, 0xfe, 0x41])]), /not UTF-8/u],
    ["that is not text", input("file", ["a\0b"]), /zero bytes/u],
    ["that is too large", input("file", [new Uint8Array(9 * 1024 * 1024).fill(65)]), /larger than 8 MB/u],
  ])("%s is refused", async (_name, source, sentence) => {
    await expect(read(source)).rejects.toMatchObject({ code: "usage", message: expect.stringMatching(sentence) as string });
  });

  test("an interrupt ends the wait", async () => {
    const controller = new AbortController();
    const reading = read(input("pipe", [], "open"), controller.signal);
    controller.abort(new Error("interrupted"));
    await expect(reading).rejects.toThrow("interrupted");
  });
});
