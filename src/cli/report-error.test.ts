import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { MassgenError } from "../core/errors.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import { Interrupted } from "./interruptible.ts";
import type { Io } from "./io.ts";
import { reportError } from "./report-error.ts";

const home = mkdtempSync(join(tmpdir(), "massgen-report-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const never = (): never => {
  throw new Error("not part of this test");
};

async function told(error: unknown, level: "normal" | "quiet" | "debug" = "normal", environment: Record<string, string> = {}) {
  let text = "";
  const stream = { isTerminal: false, columns: 80, write: (piece: string) => void (text += piece), flushed: async () => undefined };
  const io: Io = {
    stdin: { kind: "none", chunks: never, readLine: never, lines: never },
    stdout: { ...stream, write: never },
    stderr: stream,
    environment: { MASSGEN_HOME: home, ...environment },
    platform: "linux",
    userHome: home,
    folder: home,
    clock: virtualClock(),
    onInterrupt: never,
    exitNow: never,
  };
  const code = await reportError(error, io, { level, noColor: false, secrets: new Set(["hunter2-hunter2"]) });
  return { code, text };
}

describe("trouble a person can fix", () => {
  test("is one sentence with what to do about it, at every level", async () => {
    const error = new MassgenError("config", "There is no config file x.yaml.", { hint: "Did you mean y.yaml?" });
    expect(await told(error, "quiet")).toEqual({ code: 1, text: "massgen: There is no config file x.yaml.\n  Did you mean y.yaml?\n" });
  });

  test("shows no secret and no control sequence", async () => {
    const error = new MassgenError("network", "It said hunter2-hunter2 and sk-abcdefghijklmnop\u001B[2J.");
    expect((await told(error)).text).toBe("massgen: It said [secret] and [secret].\n");
  });

  test.each([
    ["usage", 64],
    ["run-live", 1],
    ["engine-missing", 1],
  ] as const)("%s exits with %i", async (code, exit) => {
    expect((await told(new MassgenError(code, "Trouble."))).code).toBe(exit);
  });
});

test("an interrupt before there was an answer exits with 4", async () => {
  expect(await told(new Interrupted())).toEqual({ code: 4, text: "massgen: Interrupted before there was an answer.\n" });
});

describe("a bug", () => {
  const bug = new Error("it broke with hunter2-hunter2", { cause: "a loose wire" });

  test("is named as one, without a stack, which is in a file", async () => {
    const { code, text } = await told(bug);
    const file = join(home, "data", "last-bug.txt");
    expect(code).toBe(70);
    expect(text).toBe(`massgen: This is a bug in massgen: Error: it broke with [secret]\n  Details: ${file}\n`);
    const details = readFileSync(file, "utf8");
    expect(details).toContain("report-error.test.ts");
    expect(details).toContain("caused by: a loose wire");
    expect(details).not.toContain("hunter2");
  });

  test.each([
    ["at -vv", "debug", {}],
    ["with MASSGEN_DEBUG", "normal", { MASSGEN_DEBUG: "1" }],
  ] as const)("shows its stack %s", async (_name, level, environment) => {
    expect((await told(bug, level, environment)).text).toMatch(/\n\s+at .*report-error\.test\.ts/u);
  });
});
