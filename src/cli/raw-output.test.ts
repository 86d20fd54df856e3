import { describe, expect, test } from "vitest";
import type { RunEvent } from "../core/facts.ts";
import type { Outcome } from "../core/facts/outcome.ts";
import { createRawOutput } from "./raw-output.ts";

const SECRET = "proj-4f9a17c2b8e35d60";
const usage = { inputTokens: 1, outputTokens: 1, estimated: false };

const settled = (outcome: object): RunEvent =>
  ({ type: "call-settled", callId: "one#1", outcome: { usage, ...outcome } as Outcome, seq: 5, at: 0 }) satisfies RunEvent;
const replied = (text: string, finish = "stop"): RunEvent => settled({ type: "replied", text, toolCalls: [], finish });
const failed = settled({ type: "failed", failure: { kind: "network", message: "gone", retryable: true } });
const ended = { type: "run-ended", seq: 9, at: 0 } as RunEvent;

/** What is written for pieces of text and events; each write apart. */
function written(steps: readonly (string | RunEvent)[], isTerminal = false): readonly string[] {
  const pieces: string[] = [];
  const raw = createRawOutput({ isTerminal, write: (text) => void pieces.push(text) }, [SECRET]);
  for (const step of steps) {
    if (typeof step === "string") raw.text(step);
    else raw.event(step);
  }
  return pieces;
}

describe("the one agent of a run, as it comes", () => {
  test.each<[string, readonly (string | RunEvent)[], readonly string[]]>([
    ["piece by piece, and a line end", ["Blue", " light."], ["Blue", " light."]],
    ["no white space before it", ["\n ", " Blue", "\n  light."], ["Blue", "\n  light."]],
    ["what no delta brought", ["Blue"], ["Blue", " light."]],
    ["all of it, where none came", [], ["Blue light."]],
  ])("%s", (_name, pieces, expected) => {
    const text = pieces.length === 3 ? "\n  Blue\n  light." : "Blue light.";
    expect(written([...pieces, replied(text), ended])).toEqual([...expected, "\n"]);
  });

  test("a text that turns out to be another one follows on a line of its own", () => {
    expect(written(["Let me think", replied("Blue."), ended]).join("")).toBe("Let me think\nBlue.\n");
  });

  test("what a cut or trimmed reply lacks is not written again", () => {
    expect(written(["Blue. Blue. ", replied("Blue."), ended]).join("")).toBe("Blue. Blue. \n");
  });

  test("what was cut off at its length goes on where it ended", () => {
    expect(written(["Blu", replied("Blu", "length"), "e.", replied("e."), ended]).join("")).toBe("Blue.\n");
  });

  test("what broke off stays, and the next attempt begins a line", () => {
    expect(written(["Blu", failed, "Blue.", replied("Blue."), ended]).join("")).toBe("Blu\nBlue.\n");
  });

  test("a run that is stopped ends its line", () => {
    expect(written(["Blu", ended]).join("")).toBe("Blu\n");
  });

  test("what is told in the middle of it stands below", () => {
    const pieces: string[] = [];
    const raw = createRawOutput({ isTerminal: false, write: (text) => void pieces.push(text) }, []);
    raw.endLine();
    raw.text("Blu");
    raw.endLine();
    expect(pieces).toEqual(["Blu", "\n"]);
  });

  test("a secret is hidden, in however many pieces it comes", () => {
    const pieces = ["The key: ", ...SECRET.split(""), " and pro", "j-ect."];
    expect(written([...pieces, replied("The key: [secret] and proj-ect."), ended]).join("")).toBe("The key: [secret] and proj-ect.\n");
    expect(written([SECRET.slice(0, 9), replied(SECRET.slice(0, 9)), ended]).join("")).toBe(`${SECRET.slice(0, 9)}\n`);
  });

  test("no control sequence reaches a terminal", () => {
    expect(written(["Rude\u001B[2J!", replied("Rude\u001B[2J!"), ended], true).join("")).toBe("Rude!\n");
  });
});
