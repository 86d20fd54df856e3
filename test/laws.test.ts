import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evolve, stateOf } from "../src/core/evolve.ts";
import type { RunEvent } from "../src/core/facts.ts";
import { runEventSchema } from "../src/core/facts.ts";
import { plan } from "../src/core/plan.ts";
import { type Behaviour, type SimulatedCall, simulateRun, type Simulated } from "../src/testing/simulate-run.ts";
import { ofType } from "./behaviours/council.ts";

const BOUNDS = { answersPerAgent: 2, attemptsPerCall: 3, failuresPerAgent: 3, agentMs: 600_000, runMs: 1_800_000, runTokens: 200_000 };

/** Anything a model may do, however bad; `vote` and `improve` stand for a ballot that says so. */
const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  { weight: 4, arbitrary: fc.constant("vote" as const) },
  { weight: 2, arbitrary: fc.constant("improve" as const) },
  { weight: 3, arbitrary: fc.record({ text: fc.lorem({ maxCount: 6 }), afterMs: fc.nat(200_000) }) },
  fc.constant({ never: true as const }),
  fc.constant({ text: "", afterMs: 5 }),
  fc.constant({ text: "same words", afterMs: 5 }),
  fc.record({ text: fc.constant("on and on "), finish: fc.constantFrom("length" as const, "cut" as const), afterMs: fc.nat(5_000) }),
  fc.constant({ text: '{"choice":"Z"}', afterMs: 5 }),
  fc.constant({ text: '{"choice":"A"}{"choice":"B"}', afterMs: 5 }),
  fc.record({
    toolCalls: fc.array(
      fc.record({ id: fc.string(), name: fc.constantFrom("ballot", "search"), input: fc.constantFrom("{", '{"choice":"A"}', "[]") }),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
    afterMs: fc.nat(2_000),
  }),
  fc.record({
    fail: fc.record({
      kind: fc.constantFrom("auth", "bad-request", "server-error", "rate-limited", "timeout", "context-overflow"),
      message: fc.constant("it failed"),
      retryable: fc.boolean(),
      retryAfterMs: fc.constantFrom(0, 10, 86_400_000),
    }),
    afterMs: fc.nat(50_000),
  }),
  fc.record({
    text: fc.constant("costly"),
    usage: fc.record({ inputTokens: fc.nat(90_000), outputTokens: fc.nat(90_000), estimated: fc.boolean() }),
    afterMs: fc.nat(1_000),
  }),
);

interface Case {
  readonly agents: number;
  readonly behaviours: readonly Behaviour[];
  readonly seed: number;
}

const council: fc.Arbitrary<Case> = fc.record({
  agents: fc.integer({ min: 1, max: 5 }),
  behaviours: fc.array(behaviour, { minLength: 1, maxLength: 40 }),
  seed: fc.integer(),
});

/** The n-th call of the run does what the n-th entry says; the list begins again at its end. */
function behaving({ behaviours, seed }: Case): (call: SimulatedCall) => Behaviour {
  return ({ request, state }) => {
    const [agent = "", number = "1"] = request.callId.split("#");
    const place = (Number(agent.slice(1)) * 7 + Number(number)) % behaviours.length;
    const chosen = behaviours[place] ?? "vote";
    if (chosen === "improve") return '{"reason":"","choice":"improve"}';
    if (chosen !== "vote") return chosen;
    const label = state.answers[(seed >>> 0) % Math.max(1, state.answers.length)]?.ref.label ?? "A";
    return request.purpose === "ballot" ? JSON.stringify({ reason: "", choice: label }) : `Words of ${agent}.`;
  };
}

function play(one: Case, more: Partial<Parameters<typeof simulateRun>[0]> = {}): Simulated {
  const agents = Array.from({ length: one.agents }, (_, index) => `a${index}`);
  return simulateRun({ agents, input: { seed: one.seed, settings: { bounds: BOUNDS } }, behave: behaving(one), ...more });
}

function expectWellEnded({ events, ended, state, calls }: Simulated): void {
  expect(ended).toBeDefined();
  expect(events.at(-1)?.type).toBe("run-ended");
  const settledCalls = ofType(events, "call-settled").map(({ callId }) => callId);
  expect(settledCalls.toSorted()).toEqual(
    ofType(events, "call-requested")
      .map(({ callId }) => callId)
      .toSorted(),
  );
  const settledTimers = ofType(events, "timer-settled").map(({ timerId }) => timerId);
  expect(settledTimers.toSorted()).toEqual(
    ofType(events, "timer-requested")
      .map(({ timerId }) => timerId)
      .toSorted(),
  );
  if (state.answers.length > 0) expect(ended?.answer).not.toBeNull();
  expect(state.clock.elapsed).toBeLessThanOrEqual(BOUNDS.runMs);
  expect(calls.length).toBeLessThanOrEqual(mostCalls(state.agents.length));
  for (const { answersGiven } of state.agents) expect(answersGiven).toBeLessThanOrEqual(BOUNDS.answersPerAgent);
}

/** Every new answer opens a round at most; a round costs an agent its attempts twice over; a text may be continued once. */
function mostCalls(agents: number): number {
  const rounds = agents * BOUNDS.answersPerAgent + 1;
  return agents * (rounds + 1) * BOUNDS.attemptsPerCall * 2 * 2;
}

describe("laws", () => {
  it("whatever the models do, a run ends, within its bounds, and with an answer if any agent ever gave one", () => {
    fc.assert(
      fc.property(council, (one) => expectWellEnded(play(one))),
      { numRuns: 400 },
    );
  });

  it("from every prefix of its log a resumed run ends", () => {
    fc.assert(
      fc.property(council, fc.double({ min: 0, max: 1, noNaN: true }), (one, where) => {
        const { events } = play(one);
        const past = events.slice(0, 1 + Math.floor(where * (events.length - 1)));
        const resumed = play(one, { past, goneForMs: 3_600_000 });
        expect(resumed.ended).toBeDefined();
        if (stateOf(past)?.answers.length) expect(resumed.ended?.answer).not.toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  it("a person may stop the run at any moment: it ends at once", () => {
    fc.assert(
      fc.property(council, fc.nat(300_000), (one, atMs) => {
        const run = play(one, { interventions: [{ atMs, fact: { type: "user-stopped" } }] });
        expectWellEnded(run);
        if (run.ended?.outcome === "stopped") expect(run.ended.elapsedMs).toBeLessThanOrEqual(atMs);
      }),
      { numRuns: 300 },
    );
  });

  it("folding is total: an event anywhere, twice or out of place never throws and never undoes the start", () => {
    fc.assert(
      fc.property(council, fc.array(fc.nat(), { maxLength: 30 }), (one, picks) => {
        const { events } = play(one);
        let state = evolve(undefined, events[0] as RunEvent);
        for (const pick of picks) state = evolve(state, events[pick % events.length] as RunEvent);
        expect(state?.agents).toHaveLength(one.agents);
      }),
      { numRuns: 200 },
    );
  });

  it("every event is what its schema says, and a log read again folds to the same state", () => {
    fc.assert(
      fc.property(council, (one) => {
        const { events, state } = play(one);
        const read = events.map((event) => runEventSchema.parse(JSON.parse(JSON.stringify(event))));
        expect(JSON.stringify(stateOf(read as RunEvent[])?.agents)).toBe(JSON.stringify(state.agents));
      }),
      { numRuns: 60 },
    );
  });

  it("an ended run has nothing left to plan", () => {
    fc.assert(
      fc.property(council, (one) => {
        expect(plan(play(one).state)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it("messages fit every chat template: one system message first, then strictly alternating, never the assistant last", () => {
    fc.assert(
      fc.property(council, (one) => {
        for (const { prompt } of play(one).calls) {
          const roles = prompt.messages.map(({ role }) => role).join(" ");
          expect(roles).toMatch(/^system user( assistant (user|tool))*$/u);
        }
      }),
      { numRuns: 100 },
    );
  });
});
