import { describe, expect, it } from "vitest";
import { ofType, perform, voteFor } from "../../test/behaviours/council.ts";
import { type Simulated, type SimulatedCall, simulateRun } from "../testing/simulate-run.ts";
import { learnCounting, NOTHING_COUNTED, ratioOf } from "./counting.ts";
import type { FactOf } from "./facts.ts";
import type { Failure, Outcome, Reply } from "./facts/outcome.ts";

const agent = { id: "one", model: "m", rungs: ["schema"] as const };
const request = (promptTokens: number | undefined, purpose: "draft" | "ballot" = "draft"): FactOf<"call-requested"> => ({
  type: "call-requested",
  callId: "one#1",
  agent: "one",
  purpose,
  attempt: 1,
  snapshot: [],
  maxOutputTokens: 1,
  maxTextTokens: 1,
  ...(promptTokens === undefined ? {} : { promptTokens }),
});
const read = (inputTokens: number, more: { cachedInputTokens?: number; estimated?: boolean; countedTokens?: number } = {}): Outcome => {
  const { countedTokens, ...usage } = more;
  return {
    type: "replied",
    text: "x",
    toolCalls: [],
    finish: "stop",
    usage: { inputTokens, outputTokens: 1, estimated: false, ...usage },
    ...(countedTokens === undefined ? {} : { countedTokens }),
  };
};
const refused = (overflow: Failure["overflow"], retryable = false): Outcome => ({
  type: "failed",
  failure: { kind: "context-overflow", message: "too long", retryable, ...(overflow === undefined ? {} : { overflow }) },
  usage: { inputTokens: 0, outputTokens: 0, estimated: false },
});
type Settled = readonly [estimate: number | undefined, outcome: Outcome, purpose?: "draft" | "ballot"];

function after(calls: readonly Settled[], seat: typeof agent & { contextTokens?: number } = agent): ReturnType<typeof learnCounting> {
  return calls.reduce<ReturnType<typeof learnCounting>>(
    ({ counting }, [estimate, outcome, purpose]) => learnCounting(counting, request(estimate, purpose), outcome, seat),
    { counting: NOTHING_COUNTED },
  );
}

describe("how a model counts", () => {
  it.each<[string, readonly Settled[], number]>([
    ["as we do, as long as nothing is known", [], 1],
    ["as it reports", [[1_000, read(1_500)]], 1.436],
    ["as was counted before a call", [[1_000, read(1_500, { countedTokens: 1_464 })]], 1.4],
    [
      "by the weight of its prompts",
      [
        [1_000, read(1_000)],
        [3_000, read(6_064)],
      ],
      1.75,
    ],
    ["not by what a template adds to a short prompt", [[20, read(80)]], 1],
    ["never more than four times", [[1_000, read(90_000)]], 4],
    [
      "not by what a provider's search has found",
      [[1_000, { ...(read(31_000) as Reply), activity: [{ tool: "web_search", input: "{}" }] }]],
      1,
    ],
    ["not by an estimate", [[1_000, read(1_500, { estimated: true })]], 1],
    ["not by a prompt that lost a part", [[1_000, read(300)]], 1],
    ["not by a request of an older log", [[undefined, read(300)]], 1],
    [
      "not by a call whose process died",
      [[1_000, { type: "interrupted", usage: { inputTokens: 9, outputTokens: 0, estimated: true } }]],
      1,
    ],
    ["as a refusal says", [[1_000, refused({ promptTokens: 2_500, contextTokens: 2_048 })]], 2.5],
    [
      "more, where a refusal stopped counting at the limit",
      [[1_000, refused({ promptTokens: 2_049, contextTokens: 2_048 })]],
      2.049 * 1.15,
    ],
    ["more, where a refusal tells the context alone", [[1_000, refused({ contextTokens: 1_200 })]], 1.2 * 1.15],
    ["hardly more, where prompt and output were too much together", [[1_000, refused({ contextTokens: 4_096 })]], 1.15],
    ["not by a pool that others filled", [[1_000, refused({ contextTokens: 10 }, true)]], 1],
  ])("%s", (_what, calls, ratio) => {
    expect(ratioOf(after(calls).counting)).toBeCloseTo(ratio, 2);
  });

  it.each<[string, Failure["overflow"], number | undefined, number | undefined]>([
    ["is what a refusal says", { promptTokens: 9_000, contextTokens: 2_048 }, 4_096, 2_048],
    ["is what it was said to be", undefined, 4_096, 4_096],
    ["is less than what was refused", undefined, undefined, 750],
    ["stays unknown where only the prompt is told", { promptTokens: 9_000 }, undefined, undefined],
  ])("the context %s", (_what, overflow, contextTokens, expected) => {
    const seat = { ...agent, ...(contextTokens === undefined ? {} : { contextTokens }) };
    expect(after([[1_000, refused(overflow)]], seat).counting.contextTokens).toBe(expected);
  });
});

describe("a prompt of which a part was not read", () => {
  it.each<[string, readonly Settled[], object | undefined]>([
    ["is one that was counted", [[1_000, read(800, { countedTokens: 1_000 })]], { expected: 1_000, read: 800 }],
    ["is none within a tenth", [[1_000, read(910, { countedTokens: 1_000 })]], undefined],
    ["is one of which no tokenizer makes so little", [[2_659, read(512)]], { expected: 2_659, read: 512 }],
    ["is none where a tokenizer may be better than we think", [[2_659, read(1_500)]], undefined],
    ["is none where it is short", [[200, read(10)]], undefined],
    ["is none that is only estimated", [[2_659, read(512, { estimated: true })]], undefined],
    [
      "is one by what longer prompts have shown",
      [
        [2_000, read(2_000)],
        [9_000, read(4_096), "ballot"],
      ],
      { expected: 9_000, read: 4_096 },
    ],
    [
      "is none for the difference between two texts",
      [
        [2_000, read(3_000)],
        [3_000, read(3_700), "ballot"],
      ],
      undefined,
    ],
    [
      "is none that may have been in a cache",
      [
        [2_000, read(2_000)],
        [2_000, read(5)],
      ],
      undefined,
    ],
    [
      "is one where what is cached is counted",
      [
        [2_000, read(2_000)],
        [2_000, read(2_000)],
        [2_000, read(5)],
      ],
      { expected: 2_000, read: 5 },
    ],
    [
      "is one where the cached part is told",
      [
        [2_000, read(2_000)],
        [2_000, read(500, { cachedInputTokens: 400 })],
      ],
      { expected: 2_000, read: 500 },
    ],
  ])("%s", (_what, calls, lost) => {
    const found = after(calls).lost;
    if (lost === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject({ read: (lost as { read: number }).read });
  });

  const question = "Why is the sky blue at noon and red in the evening? ".repeat(100);
  const warnings = ({ events }: Simulated): readonly string[] =>
    ofType(events, "notice").flatMap(({ about, text }) => (about === "lost" ? [text] : []));
  const cutting = (most: number) => ({
    text:
      (text: string) =>
      ({ prompt }: SimulatedCall) => {
        const usage = { inputTokens: Math.min(most, prompt.promptTokens ?? 0), outputTokens: 9, estimated: false };
        return { text, usage };
      },
  });

  it("is told once an agent, with both numbers and what to do", () => {
    const { text } = cutting(512);
    const losing = { draft: text("The answer of two."), ballot: (call: SimulatedCall) => text(voteFor("answer of one")(call))(call) };
    const run = simulateRun({ input: { question }, behave: perform({ two: losing }) });
    expect(warnings(run)).toEqual([
      expect.stringMatching(
        /^The engine of two \(model of two\) read only 512 tokens of a prompt of about 1,\d\d\d tokens.*context_length/u,
      ),
    ]);
    expect(run.ended?.outcome).toBe("consensus");
  });

  it("is not told of an engine that reads everything, by whatever tokens", () => {
    const behave = perform({});
    for (const ratio of [0.55, 1, 2.3]) {
      const run = simulateRun({
        input: { question },
        behave: (call) => {
          const play = behave(call);
          const usage = { inputTokens: Math.round((call.request.promptTokens ?? 0) * ratio), outputTokens: 9, estimated: false };
          return typeof play === "string" ? { text: play, usage } : play;
        },
      });
      expect(warnings(run)).toEqual([]);
      for (const { agent } of run.state.agents) expect(ratioOf(run.state.counting[agent.model])).toBeCloseTo(ratio, 0);
    }
  });
});
