import fc from "fast-check";
import type { Failure } from "../../src/core/facts/outcome.ts";
import { type Behaviour, type Simulated, type SimulatedCall, simulateRun } from "../../src/testing/simulate-run.ts";

const seat = fc.record({
  /** What the council is told. */
  told: fc.constantFrom(undefined, 512, 1_024, 2_048, 8_192),
  /** What there is, of what it is told. */
  isTrue: fc.constantFrom(1, 1, 1, 0.5),
  /** Its own tokens for one of our estimate. */
  ratio: fc.double({ min: 0.55, max: 3, noNaN: true }),
  tells: fc.constantFrom("both", "both", "context", "capped", "nothing"),
  words: fc.nat(900),
});
type Seat = typeof seat extends fc.Arbitrary<infer Value> ? Value : never;

export interface ContextCase {
  readonly seats: readonly Seat[];
  readonly question: number;
  readonly history: readonly number[];
}

/** Councils whose models count as they like, in contexts of any size. */
export const contextCase: fc.Arbitrary<ContextCase> = fc.record({
  seats: fc.array(seat, { minLength: 1, maxLength: 4 }),
  question: fc.constantFrom(3, 100, 600, 3_000),
  history: fc.array(fc.nat(400), { maxLength: 30 }),
});

const words = (count: number): string => "word ".repeat(count);

/** What a call takes by the count of its own model, and what its engine has. */
export function countOf({ seats }: ContextCase, { request }: SimulatedCall): { readonly tokens: number; readonly context: number } {
  const { ratio, told = 1_500, isTrue } = seats[Number(request.agent.slice("seat-".length))] as Seat;
  return { tokens: Math.round((request.promptTokens ?? 0) * ratio), context: told * isTrue };
}

function overflowOf({ tells }: Seat, tokens: number, contextTokens: number): Failure["overflow"] {
  switch (tells) {
    case "both":
      return { promptTokens: tokens, contextTokens };
    case "capped":
      return { promptTokens: contextTokens + 1, contextTokens };
    case "context":
      return { contextTokens };
    default:
      return undefined;
  }
}

/** An engine that refuses what is longer than its context, and counts what is not. */
export function playInContexts(one: ContextCase): Simulated {
  const behave = (call: SimulatedCall): Behaviour => {
    const { tokens, context } = countOf(one, call);
    const own = one.seats[Number(call.request.agent.slice("seat-".length))] as Seat;
    const overflow = overflowOf(own, tokens, context);
    if (tokens > context)
      return { fail: { kind: "context-overflow", retryable: false, message: "too long", ...(overflow && { overflow }) } };
    const ballot = '{"reason":"","choice":"A"}';
    const text = call.request.purpose === "ballot" ? ballot : `${call.request.agent.length} ${words(own.words)}`;
    return { text, usage: { inputTokens: tokens, outputTokens: own.words, estimated: false } };
  };
  return simulateRun({
    agents: one.seats.map(({ told }, index) => ({
      id: `seat-${index}`,
      model: `model of ${index}`,
      rungs: ["schema"],
      ...(told === undefined ? {} : { contextTokens: told }),
    })),
    input: {
      question: words(one.question),
      history: one.history.map((count, index) => ({ role: index % 2 === 0 ? "user" : "assistant", text: words(count) })),
      settings: { bounds: { runTokens: 10_000_000 } },
    },
    behave,
  });
}
