import { expect, test } from "vitest";
import { virtualClock } from "../testing/virtual-clock.ts";
import { loadBar } from "./load-bar.ts";
import type { Narrator } from "./narrator.ts";

function shown(isLive: boolean, fractions: readonly (number | undefined)[]): readonly string[] {
  const said: string[] = [];
  const clock = virtualClock();
  const narrator: Narrator = {
    isLive,
    line: ({ text }) => void said.push(text),
    error: () => undefined,
    status: (text) => void said.push(text),
  };
  const bar = loadBar({ io: { clock }, narrator }, "qwen");
  for (const fraction of fractions) {
    clock.advance(1_000);
    bar(fraction === undefined ? {} : { fraction });
  }
  return said;
}

test("a few lines without a terminal", () => {
  expect(shown(false, [0, 0.1, 0.3, 0.49, 0.5, 1])).toEqual([
    "Loading qwen, 0 %",
    "Loading qwen, 30 %",
    "Loading qwen, 50 %",
    "Loading qwen, 100 %",
  ]);
  expect(shown(false, [undefined, undefined])).toEqual(["Loading qwen"]);
});

test("one line that is redrawn on a terminal", () => {
  expect(shown(true, [0, undefined])).toEqual(["Loading qwen, 0 %, 1.0 s", "Loading qwen, 2.0 s"]);
});
