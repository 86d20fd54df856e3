import { describe, expect, it } from "vitest";
import { perform, voteFor, ofType } from "../../test/behaviours/council.ts";
import { simulateRun } from "../testing/simulate-run.ts";
import { shuffledLabels } from "./labels.ts";
import { seededRandom, shuffled } from "./random.ts";

const never = { never: true } as const;
const bounded = (bounds: object) => ({ settings: { bounds } });

describe("bounds", () => {
  it("a run that took its time ends with the leading answer", () => {
    const { ended } = simulateRun({ input: bounded({ runMs: 20_000 }), behave: perform({ one: { presentation: never } }) });
    expect(ended).toMatchObject({ outcome: "out-of-time", answer: "The answer of one.", elapsedMs: 20_000 });
  });

  it("an agent that took its time is out; its answer stands", () => {
    const { ended } = simulateRun({
      input: bounded({ agentMs: 100_000 }),
      behave: perform({ one: { ballot: never }, two: { ballot: never } }),
    });
    expect(ended?.degraded?.lost).toMatchObject([
      { agent: "one", why: "used up its time of 1.7 minutes" },
      { agent: "two", why: "used up its time of 1.7 minutes" },
    ]);
    expect(ended).toMatchObject({ outcome: "consensus", answer: "The final words of three.", winner: "one" });
  });

  it("a run that used up its tokens ends with the leading answer and no presentation", () => {
    const usage = { inputTokens: 500, outputTokens: 600, estimated: false };
    const costly = { draft: { text: "Costly.", usage } };
    const { ended, calls } = simulateRun({ input: bounded({ runTokens: 1_000 }), behave: perform({ one: costly }) });
    expect(ended).toMatchObject({ outcome: "out-of-tokens", answer: "Costly." });
    expect(calls).toHaveLength(3);
  });

  it("cancelled and interrupted calls count as well", () => {
    const { ended, calls } = simulateRun({
      input: bounded({ runTokens: 1_000 }),
      behave: perform({ one: { draft: never } }),
      agents: ["one"],
      interventions: [{ atMs: 10, fact: { type: "user-stopped" } }],
    });
    expect(ended?.usage.inputTokens).toBe(calls[0]?.prompt.promptTokens);
    expect(ended?.usage.inputTokens).toBeGreaterThan(10);
  });

  it("a call may not be promised more tokens than the run has left", () => {
    const { calls } = simulateRun({ input: bounded({ runTokens: 3_000 }), behave: perform({}) });
    expect(calls[0]?.request.maxOutputTokens).toBe(1_000);
  });

  it("a draft of an agent that works is waited for until half of the run's time, however quick the others are", () => {
    const slow = { draft: { text: "The work of two.", afterMs: 200_000 } };
    const late = simulateRun({ behave: perform({ two: slow }) });
    expect(ofType(late.events, "round-opened")[0]).toMatchObject({ overdue: ["two"] });
    const seat = { model: "m", rungs: ["schema"] } as const;
    const agents = [
      { id: "one", ...seat },
      { id: "two", ...seat, works: true },
      { id: "three", ...seat },
    ];
    const waited = simulateRun({ agents, behave: perform({ two: slow }) });
    expect(ofType(waited.events, "round-opened")[0]).toMatchObject({ overdue: [], snapshot: [{}, {}, {}] });
    const endless = simulateRun({ agents, input: bounded({ runMs: 100_000 }), behave: perform({ two: { draft: never } }) });
    expect(ofType(endless.events, "round-opened")[0]).toMatchObject({ overdue: ["two"] });
  });

  it("out of failures the agent is out, out of attempts it abstains", () => {
    const busy = { fail: { message: "busy", retryable: true } } as const;
    const out = simulateRun({ input: bounded({ attemptsPerCall: 9 }), behave: perform({ two: { draft: busy } }) });
    expect(out.ended?.degraded?.lost).toMatchObject([{ agent: "two", why: "failed 3 times, the last time: busy" }]);
    const abstains = simulateRun({ input: bounded({ failuresPerAgent: 9 }), behave: perform({ two: { draft: busy } }) });
    expect(abstains.ended?.degraded?.lost).toMatchObject([{ agent: "two", why: "busy" }]);
    expect(abstains.calls.filter(({ request }) => request.agent === "two").map(({ request }) => request.purpose)).toContain("ballot");
  });

  it.each([
    [[4_096, 32_768, undefined], 819],
    [[undefined, undefined, undefined], 16_384],
    [[200_000, 200_000, 200_000], 16_384],
  ])("contexts %j bound a draft at %d tokens", (contexts, tokens) => {
    const agents = contexts.map((contextTokens, index) => ({
      id: `a${index}`,
      model: "m",
      rungs: ["schema"] as const,
      ...(contextTokens === undefined ? {} : { contextTokens }),
    }));
    const { calls } = simulateRun({ agents, behave: perform({ a0: { ballot: voteFor("answer of a0") } }) });
    expect(calls[0]?.request.maxTextTokens).toBe(tokens);
  });

  it("a configured bound of answers is taken as it is", () => {
    expect(simulateRun({ input: bounded({ answerTokens: 100 }), behave: perform({}) }).calls[0]?.request.maxTextTokens).toBe(100);
  });

  it("a model that was seen thinking gets room for it", () => {
    const thinks = { draft: { text: "The answer of two.", reasoning: "Hm." }, ballot: [voteFor("improve"), voteFor("answer of one")] };
    const { calls } = simulateRun({ behave: perform({ two: thinks }) });
    const ballot = calls.find(({ request }) => request.agent === "two" && request.purpose === "ballot");
    expect(ballot?.request).toMatchObject({ maxTextTokens: 256, maxOutputTokens: 256 + 8_192 });
  });

  it("so does one that was seen thinking in an earlier run", () => {
    const { calls } = simulateRun({
      agents: [{ id: "one", model: "m", rungs: ["schema"], thinks: true, contextTokens: 8_192 }],
      behave: perform({}),
    });
    expect(calls[0]?.request).toMatchObject({ maxTextTokens: 2_730, maxOutputTokens: 2_730 + 2_048 });
  });

  it("timers are few: one a bound, not one a call", () => {
    const { events } = simulateRun({ behave: perform({}) });
    expect(ofType(events, "timer-requested").length).toBeLessThanOrEqual(3);
  });

  it.each(["count", "discount", "exclude"] as const)("self-votes: %s", (selfVotes) => {
    const behave = perform({
      one: { ballot: { text: "?" } },
      two: { ballot: voteFor("answer of two") },
      three: { ballot: voteFor("answer of one") },
    });
    const { ended } = simulateRun({ input: { settings: { voting: { selfVotes } } }, behave });
    expect(ended?.tally?.standings[0]?.authors).toEqual(["one"]);
    expect(ended?.tally?.ballots.find(({ agent }) => agent === "two")?.weight).toBe({ count: 1, discount: 0.5, exclude: 0 }[selfVotes]);
  });
});

describe("labels", () => {
  it("are one a seat, shuffled by the seed, and go on after Z", () => {
    expect(shuffledLabels(3, 1).toSorted()).toEqual(["A", "B", "C"]);
    expect(shuffledLabels(28, 7).toSorted()).toContain("AB");
    expect(new Set([1, 2, 3, 4, 5, 6].map((seed) => shuffledLabels(3, seed).join())).size).toBeGreaterThan(2);
    expect(shuffledLabels(5, 9)).toEqual(shuffledLabels(5, 9));
  });

  it("chance is spread evenly and depends on seed and key alone", () => {
    const draws = Array.from({ length: 2_000 }, (_, index) => seededRandom(index, "key"));
    const mean = draws.reduce((total, draw) => total + draw, 0) / draws.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.03);
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draws)).toBeLessThan(1);
    expect(shuffled([1, 2, 3], 5)).toHaveLength(3);
  });
});
