import { expect, test } from "vitest";
import { catalogue } from "../models/files/catalogue.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import type { Input, Io } from "./io.ts";
import { createNarrator } from "./narrator.ts";
import { offerDownloads } from "./offer-downloads.ts";
import type { Session } from "./session.ts";

const never = (): never => {
  throw new Error("not part of this test");
};

function session(kind: Input["kind"], answer: string): Session & { readonly asked: string[] } {
  const asked: string[] = [];
  const readLine = async (prompt: string): Promise<string> => {
    asked.push(prompt);
    return answer;
  };
  const stream = { isTerminal: kind === "terminal", columns: 80, write: never, flushed: async () => undefined };
  const io: Io = {
    stdin: { kind, chunks: never, readLine, lines: never },
    stdout: stream,
    stderr: stream,
    environment: {},
    platform: "linux",
    userHome: "/nowhere",
    folder: "/nowhere",
    clock: virtualClock(),
    onInterrupt: never,
    exitNow: never,
  };
  const output = { json: false, level: "normal", noColor: true, yes: false } as const;
  return { io, output, narrator: createNarrator(io, "normal", true), secrets: new Set(), asked };
}

const [, , , large] = catalogue;
const missing = { engine: true, ...(large && { model: large }) };
const { signal } = new AbortController();

test("where nobody can be asked, the commands are told and nothing is fetched", async () => {
  await expect(offerDownloads(session("pipe", "y"))(missing, signal)).rejects.toMatchObject({
    code: "engine-missing",
    message: "Nothing on this machine can answer yet: the embedded engine is not installed.",
    hint: expect.stringMatching(
      /85 MB[\s\S]*2\.5 GB[\s\S]*massgen engines add embedded\n\s+massgen models pull Qwen3-4B-Instruct-2507\n/u,
    ) as string,
  });
});

test.each(["n", "", "maybe"])("a person who answers %j at the terminal is told the same", async (answer) => {
  const at = session("terminal", answer);
  await expect(offerDownloads(at)({ engine: false, ...(large && { model: large }) }, signal)).rejects.toMatchObject({
    message: "Nothing on this machine can answer yet: the model Qwen3-4B-Instruct-2507 is not here.",
  });
  expect(at.asked).toEqual(["Fetch the model Qwen3-4B-Instruct-2507 (2.5 GB, Apache-2.0, from Hugging Face)? [y/N] "]);
});
