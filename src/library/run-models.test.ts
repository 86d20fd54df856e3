import { expect, test } from "vitest";
import type { CouncilModel, RunModel } from "../models/model.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import { councilModel } from "./council-model.ts";
import { createCouncil } from "./create-council.ts";

const clock = virtualClock();

/** Answers, votes for the first answer, presents; tells what it is told of the end of its run. */
function agent(name: string, told: string[], lines: Parameters<typeof scriptedModel>[1]): CouncilModel {
  const model = councilModel(scriptedModel(name, lines, { clock }).model);
  return {
    ...model,
    inRun: ({ runId, agent: id }): RunModel => ({
      ...model,
      runEnded: async (how) => {
        told.push(`${runId} ${id} ${how}`);
        return how === "won" ? [`${id} made a file.`] : [];
      },
    }),
  };
}

test("when a run has ended its models learn who won, and what they say of it is part of the result", async () => {
  const told: string[] = [];
  const council = createCouncil({
    clock,
    seats: [
      { id: "a", model: agent("a", told, ["Four.", "Four."]) },
      { id: "b", model: agent("b", told, ["Four."]) },
    ],
  });
  const result = await clock.runUntil(council.ask("2+2?", { runId: "r" }).result);
  expect(result).toMatchObject({ winner: "a", afterwards: ["a made a file."] });
  expect(told.toSorted()).toEqual(["r a won", "r b lost"]);
});

test("a run without a winner leaves it undecided; one that had ended before is settled again, since its process may have died before", async () => {
  const told: string[] = [];
  const council = createCouncil({ clock, seats: [{ id: "a", model: agent("a", told, [{ fail: { status: 401 } }]) }] });
  const result = await clock.runUntil(council.ask("2+2?", { runId: "r" }).result);
  expect(result).toMatchObject({ winner: null, afterwards: [] });
  expect(await council.resume("r").result).toMatchObject({ winner: null, afterwards: [] });
  expect(told).toEqual(["r a undecided", "r a undecided"]);
});
