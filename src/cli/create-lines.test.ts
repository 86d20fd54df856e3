import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { createLines, type Screen } from "./create-lines.ts";
import type { Typed } from "./io.ts";

const signal = new AbortController().signal;

function terminal() {
  const input = new PassThrough();
  const pieces: string[] = [];
  const calls = { interrupts: 0 };
  const events = new EventEmitter();
  const write = (text: string | Uint8Array): boolean => pieces.push(String(text)) > 0;
  const screen = Object.assign(events, { columns: 40, write }) as unknown as Screen;
  const lines = createLines({ input, screen, marksPastes: true, interrupt: () => void (calls.interrupts += 1) });
  return {
    lines,
    calls,
    events,
    /** All keys are taken once this resolves. */
    type: async (keys: string): Promise<void> => {
      input.write(keys);
      await new Promise(setImmediate);
    },
    end: () => input.end(),
    shown: () => pieces.splice(0).join(""),
  };
}

const line = (text: string, unseen = false): Typed => ({ type: "line", text, unseen });

describe("lines of a terminal", () => {
  test("come after a prompt, are echoed, and can be had again", async () => {
    const { lines, type, shown } = terminal();
    const first = lines.next("> ", signal);
    await type("why?\r");
    expect(await first).toEqual(line("why?"));
    expect(shown()).toContain("> ");
    const again = lines.next("> ", signal);
    await type("\u001B[A\r");
    expect(await again).toEqual(line("why?"));
    expect(shown()).toContain("> why?");
  });

  test("what is typed while nobody waits is kept unseen, whole lines and the beginning of one", async () => {
    const { lines, type, shown } = terminal();
    shown();
    await type("one\rtwo\rthr");
    expect(shown()).toBe("");
    expect([await lines.next("> ", signal), await lines.next("> ", signal)]).toEqual([line("one", true), line("two", true)]);
    const third = lines.next("> ", signal);
    expect(shown()).toContain("> thr");
    await type("ee\r");
    expect(await third).toEqual(line("three"));
  });

  test("a line begun unseen that takes several rows draws over nothing", async () => {
    const { lines, type, shown } = terminal();
    await type("x".repeat(90));
    shown();
    void lines.next("> ", signal);
    expect(shown()).toMatch(/^\n\n/u);
  });

  test("lines that are pasted at once are one", async () => {
    const { lines, type } = terminal();
    const next = lines.next("> ", signal);
    await type("see: \u001B[200~a\r  b\r\u001B[201~");
    await type("end\r");
    expect(await next).toEqual(line("see: a\n  b\nend"));
  });

  test("Ctrl-C takes back what stands on the line and what was pasted", async () => {
    const { lines, type, calls, shown } = terminal();
    const next = lines.next("> ", signal);
    await type("\u001B[200~a\rb\u001B[201~ c\u0003");
    expect([await next, calls.interrupts]).toEqual([{ type: "interrupt" }, 0]);
    expect(shown()).toContain("^C\n");
    const after = lines.next("> ", signal);
    await type("d\r");
    expect(await after).toEqual(line("d"));
  });

  test("while nobody waits, Ctrl-C interrupts and drops what was typed before", async () => {
    const { lines, type, calls } = terminal();
    await type("one\rtw\u0003thr");
    expect(calls.interrupts).toBe(1);
    const next = lines.next("> ", signal);
    await type("ee\r");
    expect(await next).toEqual(line("three"));
  });

  test("CLI-9: Ctrl-D, the end of the input and an abort are the end, and stay it", async () => {
    const pressed = terminal();
    const first = pressed.lines.next("> ", signal);
    await pressed.type("\u0004");
    expect([await first, await pressed.lines.next("> ", signal)]).toEqual([{ type: "end" }, { type: "end" }]);
    const gone = terminal();
    const next = gone.lines.next("> ", signal);
    gone.end();
    expect(await next).toEqual({ type: "end" });
    const left = terminal();
    const leaving = new AbortController();
    const waiting = left.lines.next("> ", leaving.signal);
    leaving.abort();
    expect([await waiting, await left.lines.next("> ", leaving.signal)]).toEqual([{ type: "end" }, { type: "end" }]);
  });

  test("closing leaves the terminal as it was", () => {
    const { lines, events, shown } = terminal();
    expect(shown()).toBe("\u001B[?2004h");
    events.emit("resize");
    lines.close();
    expect(shown()).toBe("\u001B[?2004l");
    expect(events.listenerCount("resize")).toBe(0);
  });
});

test("lines of a pipe come without a prompt, to the end", async () => {
  const input = new PassThrough();
  const lines = createLines({ input, marksPastes: false, interrupt: () => undefined });
  const next = lines.next("> ", signal);
  input.end("one\ntwo\nthree");
  expect(await next).toEqual(line("one", true));
  expect([await lines.next("> ", signal), await lines.next("> ", signal)]).toEqual([line("two", true), line("three", true)]);
  expect(await lines.next("> ", signal)).toEqual({ type: "end" });
  lines.close();
});
