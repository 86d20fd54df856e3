import { expect, test } from "vitest";
import { askAtTerminal } from "./ask-at-terminal.ts";
import type { Session } from "./session.ts";

test("agents ask one after the other, and the same question once", async () => {
  const open: { readonly prompt: string; readonly answer: (line: string) => void }[] = [];
  const readLine = (prompt: string): Promise<string> => new Promise((answer) => void open.push({ prompt, answer }));
  const session = { io: { stdin: { kind: "terminal", readLine }, stderr: { isTerminal: true } }, output: { yes: false } };
  const ask = askAtTerminal(session as unknown as Session);
  const { signal } = new AbortController();
  const answers = ["Load a?", "Load a?", "Load b?"].map((question) => ask(question, signal));
  await expect.poll(() => open.map(({ prompt }) => prompt)).toEqual(["Load a? [y/N] "]);
  open[0]?.answer("y");
  await expect.poll(() => open.map(({ prompt }) => prompt)).toEqual(["Load a? [y/N] ", "Load b? [y/N] "]);
  open[1]?.answer("");
  expect(await Promise.all(answers)).toEqual([true, true, false]);
});
