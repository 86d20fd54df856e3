import { describe, expect, test } from "vitest";
import { createLoopWatch, isCallLoop, withoutLoop } from "./repetition.ts";

/** What the watch says of a text that comes in pieces of this size, and how much of it had come by then. */
function watched(text: string, size = 4): { readonly period: number; readonly after: number } | undefined {
  const watch = createLoopWatch();
  for (let at = 0; at < text.length; at += size) {
    const period = watch.add(text.slice(at, at + size));
    if (period !== undefined) return { period, after: at };
  }
  return undefined;
}

const numbered = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");

describe("a loop", () => {
  // The second is recorded: llamacpp/hermes_cold_required_long.
  test.each([
    ["a word", "no "],
    ["a sentence", "The function is not water wet. A yes B no C maybe.\n\n"],
    ["a paragraph", "One thing is to be said. ".repeat(2) + "Another thing is to be said as well, and then all again.\n"],
    ["a call", '<tool_call>{"name":"ballot","arguments":{"reason":"x","choice":"B"}}</tool_call>\n'],
    ["another script", "这个答案更好。"],
  ])("of %s is seen before it took long", (_name, turn) => {
    const before = "Here is a beginning that is fine. ";
    const found = watched(before + turn.repeat(4_000));
    expect(found?.after).toBeLessThan(6_000);
    expect(withoutLoop(before + turn.repeat(500), found?.period ?? 0).length).toBeLessThanOrEqual(before.length + 2 * turn.length);
  });

  test("that begins late is seen too", () => {
    expect(watched(`${numbered(500, (index) => `Line ${index} says this.`)}${"and so on, ".repeat(1_000)}`)).toBeDefined();
  });
});

describe("no loop", () => {
  test.each([
    ["a table", numbered(400, (index) => `| ${index} | yes | no | ${index * index} |`)],
    ["code", numbered(300, (index) => `  if (value === ${index}) return names[${index}];`)],
    ["a list of numbers", numbered(3_000, String)],
    ["a row of zeros", "0, ".repeat(5_000)],
    ["a rule", "-".repeat(6_000)],
    ["an empty table", "|   |   |   |\n".repeat(800)],
    ["a refrain", numbered(40, (index) => `Verse ${index} of the song goes on.\n${"la la la ".repeat(100)}`)],
    ["a sentence said thirty times", "I must not talk in class. ".repeat(30)],
  ])("is %s", (_name, text) => expect(watched(text)).toBeUndefined());
});

test("a call is a loop at the third time, whatever the order of its arguments", () => {
  const call = (input: string, name = "ballot") => ({ id: "1", name, input });
  const same = [call('{"a":1,"b":{"c":2,"d":3}}'), call('{"b":{"d":3,"c":2},"a":1}')];
  expect(isCallLoop(same)).toBe(false);
  expect(isCallLoop([...same, call('{ "a": 1, "b": { "c": 2, "d": 3 } }')])).toBe(true);
  expect(isCallLoop([...same, call('{"a":2}'), call('{"a":1,"b":{"c":2,"d":3}}', "other"), call("half")])).toBe(false);
});
