import { describe, expect, it } from "vitest";
import type { FactOf, RunEvent } from "../../src/core/facts.ts";
import type { Message } from "../../src/core/messages.ts";
import { type Behaviour, simulateRun, type SimulatedCall } from "../../src/testing/simulate-run.ts";
import { ballotFor, perform, voteFor } from "./council.ts";

/**
 * The outcome table of MassGen 0.0.7 (facts, massgen-0.0.7.md 3.7), row by row: what agent two does in each of its attempts, and what
 * each attempt leads to here.
 */
interface Row {
  readonly situation: string;
  readonly purpose: FactOf<"call-requested">["purpose"];
  readonly play: Behaviour | ((call: SimulatedCall) => Behaviour);
  /** What the log says of attempts 1, 2 and 3; fewer where the first settles it. */
  readonly attempts: readonly string[];
  /** What the agent is told before the next attempt. */
  readonly told?: RegExp;
}

const ballotTool = (id: string, choice: string) => ({ id, name: "ballot", input: JSON.stringify({ reason: "so", choice }) });
const search = (id: string) => ({ id, name: "search", input: "{}" });
const refusedThenAbstains = (why: string): readonly string[] => [`refused: ${why}`, `refused: ${why}`, `refused: ${why}, abstains`];

const rows: readonly Row[] = [
  {
    situation: "several votes in one reply, even for the same answer",
    purpose: "ballot",
    play: { toolCalls: [ballotTool("x", "C"), ballotTool("y", "C")] },
    attempts: refusedThenAbstains("several-choices"),
    told: /x: .*Several choices.*\| y: .*Several choices/u,
  },
  {
    situation: "a vote and an improvement together",
    purpose: "ballot",
    play: { toolCalls: [ballotTool("x", "C"), ballotTool("y", "improve")] },
    attempts: refusedThenAbstains("several-choices"),
    told: /x: .*Several choices.*\| y: .*Several choices/u,
  },
  {
    situation: "several improvements in one reply",
    purpose: "ballot",
    play: { toolCalls: [ballotTool("x", "improve"), ballotTool("y", "improve")] },
    attempts: refusedThenAbstains("several-choices"),
  },
  {
    situation: "a vote before there is anything to vote for",
    purpose: "draft",
    play: { toolCalls: [ballotTool("x", "A")] },
    attempts: refusedThenAbstains("unknown-tool"),
    told: /x: .*no such tool/u,
  },
  {
    situation: "a vote for what is no answer",
    purpose: "ballot",
    play: '{"reason":"","choice":"agent1"}',
    attempts: refusedThenAbstains("unknown-label"),
    told: /no such answer.*[ABC], [ABC], [ABC], improve/u,
  },
  { situation: "a valid vote", purpose: "ballot", play: voteFor("answer of one"), attempts: ["votes"] },
  { situation: "a vote for itself", purpose: "ballot", play: voteFor("answer of two"), attempts: ["votes"] },
  {
    situation: "a draft equal to one that exists",
    purpose: "draft",
    play: { text: " The answer of one.\n", afterMs: 5_000 },
    attempts: ["joins"],
  },
  {
    situation: "an improvement equal to an answer that exists",
    purpose: "improvement",
    play: "The  answer of three.",
    attempts: ["votes"],
  },
  { situation: "a new answer", purpose: "draft", play: "Something new.", attempts: ["answers"] },
  { situation: "a better answer", purpose: "improvement", play: "Something better.", attempts: ["answers"] },
  {
    situation: "an empty answer",
    purpose: "draft",
    play: " \n ",
    attempts: refusedThenAbstains("empty-answer"),
    told: /That was empty/u,
  },
  { situation: "an empty improvement", purpose: "improvement", play: "", attempts: refusedThenAbstains("empty-answer") },
  {
    situation: "another tool",
    purpose: "draft",
    play: { toolCalls: [search("x"), search("y")] },
    attempts: refusedThenAbstains("unknown-tool"),
    told: /x: .*no such tool.*\| y: .*no such tool/u,
  },
  {
    situation: "another tool, with an answer beside it",
    purpose: "draft",
    play: { text: "Something new.", toolCalls: [search("x")] },
    attempts: ["refused: unknown-tool", "refused: unknown-tool", "answers"],
  },
  {
    situation: "another tool instead of a ballot",
    purpose: "ballot",
    play: { toolCalls: [search("x")] },
    attempts: refusedThenAbstains("unknown-tool"),
    told: /x: .*no such tool/u,
  },
  {
    situation: "no choice",
    purpose: "ballot",
    play: "All of them have their strengths.",
    attempts: refusedThenAbstains("no-choice"),
    told: /No choice could be read/u,
  },
  { situation: "an empty ballot", purpose: "ballot", play: "", attempts: refusedThenAbstains("no-choice") },
  {
    situation: "a provider's error that may pass",
    purpose: "draft",
    play: { fail: { kind: "overloaded", message: "busy", retryable: true } },
    attempts: ["waits", "waits", "out"],
  },
  {
    situation: "a provider's error that will not pass",
    purpose: "ballot",
    play: { fail: { kind: "auth", message: "bad key", retryable: false } },
    attempts: ["out"],
  },
];

describe("the outcome table of 0.0.7", () => {
  it.each(rows)("$purpose: $situation", ({ purpose, play, attempts, told }) => {
    const others = { ballot: slowVote };
    const { calls, events, ended } = simulateRun({
      behave: perform({
        one: others,
        three: others,
        two: { ...(purpose === "improvement" ? { ballot: [voteFor("improve"), slowVote] } : {}), [purpose]: play },
      }),
    });
    const made = calls.filter(({ request }) => request.agent === "two" && request.purpose === purpose);
    expect(made.map(({ request }) => whatFollowed(events, request.callId))).toEqual(attempts);
    for (const { prompt } of made.slice(1)) if (told !== undefined) expect(lastWords(prompt.messages)).toMatch(told);
    expect(ended).toMatchObject({ outcome: "consensus", winner: expect.any(String) });
  });

  it("ballot: a vote while a restart is pending is stale, and no attempt is lost by it", () => {
    const late = { draft: { text: "The answer of one.", afterMs: 90_000 } };
    const crossing = (call: SimulatedCall) => ({ ...ballotFor("answer of two")(call), afterMs: 60_000, beatsCancel: true as const });
    const { calls, events } = simulateRun({
      behave: perform({ one: late, two: { ballot: [crossing, voteFor("answer of one")] }, three: { ballot: slowVote } }),
    });
    const ballots = calls.filter(({ request }) => request.agent === "two" && request.purpose === "ballot");
    expect(ballots.map(({ request }) => `attempt ${request.attempt}: ${whatFollowed(events, request.callId)}`)).toEqual([
      "attempt 1: ",
      "attempt 1: votes",
    ]);
  });
});

/** Late enough that agent two has all its attempts, and for oneself, so that nothing is decided early. */
function slowVote(call: SimulatedCall): Behaviour {
  return { ...ballotFor(`answer of ${call.request.agent}`)(call), afterMs: 100_000 };
}

/** An agent that is out names no call: it is that of the settlement just before. */
function whatFollowed(events: readonly RunEvent[], callId: string): string {
  const about = (event: RunEvent | undefined): boolean => event !== undefined && "callId" in event && event.callId === callId;
  const isIts = (event: RunEvent): boolean => about(event.type === "agent-out" ? events[event.seq - 2] : event);
  return events.flatMap((event) => (isIts(event) ? wordsFor(event) : [])).join(", ");
}

function wordsFor(event: RunEvent): readonly string[] {
  switch (event.type) {
    case "reply-refused":
      return [`refused: ${event.why}`];
    case "agent-abstained":
      return ["abstains"];
    case "vote-cast":
      return ["votes"];
    case "answer-submitted":
      return ["answers"];
    case "author-joined":
      return ["joins"];
    case "timer-requested":
      return ["waits"];
    case "agent-out":
      return ["out"];
    default:
      return [];
  }
}

function lastWords(messages: readonly Message[]): string {
  const last = messages.at(-1);
  return last?.role === "tool" ? last.results.map(({ id, text }) => `${id}: ${text}`).join(" | ") : (last?.text ?? "");
}
