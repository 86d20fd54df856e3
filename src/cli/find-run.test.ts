import { describe, expect, test } from "vitest";
import type { RunSummary } from "../log/event-log.ts";
import { findRun } from "./find-run.ts";

const run = (runId: string): RunSummary => ({ runId, question: "?", startedAt: 0, lastAt: 0, events: 1 });
const runs = [run("20301231-120000-aaaaaa"), run("20301230-120000-bbbbbb"), run("20301230-110000-cccccc")];

describe("which run is meant", () => {
  test.each([
    ["20301230-120000-bbbbbb", "20301230-120000-bbbbbb"],
    ["20301231", "20301231-120000-aaaaaa"],
    ["20301230-11", "20301230-110000-cccccc"],
    ["last", "20301231-120000-aaaaaa"],
  ])("%s", (wanted, found) => {
    expect(findRun(runs, wanted).runId).toBe(found);
  });

  test.each([
    ["20301230", 'run-unknown: 2 runs begin with "20301230". Write more of its id: 20301230-120000-bbbbbb, 20301230-110000-cccccc'],
    ["20301231-120000-aaaaab", 'run-unknown: There is no run "20301231-120000-aaaaab". Did you mean 20301231-120000-aaaaaa?'],
    ["nonsense", 'run-unknown: There is no run "nonsense". massgen runs lists the runs there are.'],
  ])("%s is refused", (wanted, told) => {
    let said = "";
    try {
      findRun(runs, wanted);
    } catch (error) {
      const { code, message, hint } = error as { code: string; message: string; hint: string };
      said = `${code}: ${message} ${hint}`;
    }
    expect(said).toBe(told);
  });

  test("there may be none at all", () => {
    expect(() => findRun([], "last")).toThrow("There are no runs yet.");
  });
});
