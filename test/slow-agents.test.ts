import { describe, expect, it } from "vitest";
import { simulateRun } from "../src/testing/simulate-run.ts";
import { ballotFor, ofType } from "./behaviours/council.ts";

/** Two agents of two seconds a call, and one that writes a token a second: so many tokens has its draft. */
function council(slowTokens: number) {
  return simulateRun({
    agents: ["quick", "brisk", "slow"],
    behave: (call) => {
      const { agent, purpose } = call.request;
      const text = purpose === "ballot" ? ballotFor("answer of quick")(call).text : `The answer of ${agent}.`;
      const tokens = purpose === "draft" ? slowTokens : 20;
      return { text, afterMs: agent === "slow" ? tokens * 1_000 : 2_000 };
    },
  });
}

describe("an agent of one token a second between two of two seconds a call", () => {
  it("does not hold up the council for ever: there is an answer within 75 s", () => {
    const { ended } = council(1_000);
    expect(ended).toMatchObject({ outcome: "consensus", answer: "The answer of quick." });
    expect(ended?.elapsedMs).toBeLessThanOrEqual(75_000);
  });

  it("is not starved either: a draft that comes in time counts", () => {
    const { events, ended } = council(50);
    expect(ofType(events, "answer-submitted").flatMap(({ authors }) => authors)).toContain("slow");
    expect(ofType(events, "round-opened")[0]?.overdue).toEqual([]);
    expect(ended?.elapsedMs).toBeLessThanOrEqual(75_000);
  });
});
