import { describe, expect, it } from "vitest";
import { IMPROVE } from "../../src/core/ballots/read-ballot.ts";
import { simulateRun } from "../../src/testing/simulate-run.ts";
import { asked, ofType, perform, voteFor } from "./council.ts";

const ballotCall = (id: string, choice: string) => ({ id, name: "ballot", input: JSON.stringify({ reason: "so", choice }) });

describe("rounds and votes", () => {
  it("1. three agents vote alike: the winner presents after 7 calls", () => {
    const { calls, ended } = simulateRun({ behave: perform({}) });
    expect(asked(calls)).toEqual(["draft one", "draft two", "draft three", "ballot one", "ballot two", "ballot three", "presentation one"]);
    expect(ended).toMatchObject({
      outcome: "consensus",
      winner: "one",
      presenter: "one",
      answer: "The final words of one.",
      degraded: null,
      calls: 7,
    });
  });

  it("2. a tie goes to the agent registered first, whoever finished or voted first", () => {
    const behave = perform({
      one: { draft: { text: "The answer of one.", afterMs: 9_000 }, ballot: voteFor("answer of two") },
      two: { draft: { text: "The answer of two.", afterMs: 10 }, ballot: voteFor("answer of one") },
    });
    const { ended } = simulateRun({ agents: ["one", "two"], behave });
    expect(ended).toMatchObject({ winner: "one", tally: { tie: true } });
  });

  it("3. everybody has voted: nobody is asked again", () => {
    const behave = perform({
      one: { ballot: voteFor("answer of two") },
      two: { ballot: voteFor("answer of three") },
      three: { ballot: voteFor("answer of one") },
    });
    const { calls } = simulateRun({ behave });
    expect(calls.filter(({ request }) => request.purpose === "ballot")).toHaveLength(3);
  });

  it("4. a vote for a label without an answer is refused with the valid labels; a second, valid vote counts", () => {
    const behave = perform({ two: { ballot: ['{"reason":"","choice":"Q"}', voteFor("answer of two")] } });
    const { calls, events, ended } = simulateRun({
      agents: ["one", "two"],
      input: { settings: { voting: { selfVotes: "count" } } },
      behave: slowBallot(behave, "one"),
    });
    const corrected = calls.find(({ request }) => request.because === "correction");
    const said = corrected?.prompt.messages.at(-1);
    expect(ofType(events, "reply-refused")).toMatchObject([{ agent: "two", why: "unknown-label" }]);
    expect(said).toMatchObject({ role: "user", text: expect.stringMatching(/no such answer.*[AB], [AB], improve/u) });
    expect(ended?.tally?.ballots.map(({ agent }) => agent)).toContain("two");
  });

  it("5. a ballot is never asked for before there is an answer", () => {
    const behave = perform({ one: { draft: "" }, two: { draft: "" }, three: { draft: { text: "The answer of three.", afterMs: 50_000 } } });
    const { calls, events } = simulateRun({ behave });
    const firstAnswer = ofType(events, "answer-submitted")[0]?.seq ?? 0;
    const ballots = ofType(events, "call-requested").filter(({ purpose }) => purpose === "ballot");
    expect(ballots.every(({ seq }) => seq > firstAnswer)).toBe(true);
    expect(asked(calls)).toContain("presentation three");
  });

  it("6. a reply that both votes and improves is refused once, then one of them accepted", () => {
    const behave = perform({
      two: { ballot: [{ toolCalls: [ballotCall("x", "A"), ballotCall("y", IMPROVE)] }, voteFor("answer of one")] },
    });
    const { events, calls } = simulateRun({ agents: ["one", "two"], behave: slowBallot(behave, "one") });
    expect(ofType(events, "reply-refused")).toMatchObject([{ agent: "two", why: "several-choices" }]);
    expect(ofType(events, "vote-cast").map(({ agent }) => agent)).toContain("two");
    const correction = calls.find(({ request }) => request.because === "correction")?.prompt.messages;
    expect(correction?.at(-1)).toMatchObject({ role: "tool", results: [{ id: "x" }, { id: "y" }] });
  });

  it("7. several votes in one reply are refused for every call id and never counted twice", () => {
    const twice = { toolCalls: [ballotCall("x", "A"), ballotCall("y", "A")] };
    const { events, calls, ended } = simulateRun({
      agents: ["one", "two"],
      behave: slowBallot(perform({ two: { ballot: twice } }), "one"),
    });
    expect(ofType(events, "reply-refused")).toHaveLength(3);
    for (const { prompt, request } of calls) {
      if (request.because !== "correction") continue;
      expect(prompt.messages.at(-1)).toMatchObject({ role: "tool", results: [{ id: "x" }, { id: "y" }] });
    }
    expect(ended?.tally?.ballots.filter(({ agent }) => agent === "two")).toHaveLength(0);
  });

  it("8. three replies without a usable choice: the agent abstains, the others finish, the result says so", () => {
    const { ended, calls } = simulateRun({
      behave: perform({ two: { ballot: "I like them all." }, one: { ballot: { ...text("{}"), afterMs: 90_000 } } }),
    });
    expect(calls.filter(({ request }) => request.agent === "two" && request.purpose === "ballot")).toHaveLength(3);
    expect(ended).toMatchObject({ outcome: "consensus", degraded: null });
    expect(ended?.tally?.abstained.map(({ agent }) => agent)).toContain("two");
  });

  it("10. a retry after a cut reply is a new call: no half text of the old one appears in an answer", () => {
    const cut = { fail: { kind: "invalid-reply", message: "the stream was cut", retryable: true } } as const;
    const { events } = simulateRun({ behave: perform({ two: { draft: [cut, "The answer of two."] } }) });
    expect(ofType(events, "answer-submitted").map(({ text }) => text)).toContain("The answer of two.");
    expect(ofType(events, "timer-requested").filter(({ purpose }) => purpose === "retry")).toHaveLength(1);
  });

  it("11. a vote cast while somebody's answer was replaced does not count; the voter is asked again", () => {
    const behave = perform({
      one: { ballot: voteFor("answer of one") },
      two: { ballot: [voteFor("improve"), voteFor("better answer of two")] },
      three: { ballot: voteFor("better answer of two") },
    });
    const { ended, calls } = simulateRun({ behave });
    expect(calls.filter(({ request }) => request.agent === "one" && request.purpose === "ballot")).toHaveLength(2);
    expect(ended).toMatchObject({ winner: "two" });
    expect(ended?.tally?.ballots.every(({ choice }) => choice.version === 2 || choice.label !== ended.tally?.standings[0]?.label)).toBe(
      true,
    );
  });

  it("12. a new answer never interrupts a first draft or an improvement", () => {
    const behave = perform({
      three: { draft: { text: "The answer of three.", afterMs: 59_000 } },
      two: { ballot: [voteFor("improve"), voteFor("answer of one")], improvement: { text: "The better answer of two.", afterMs: 30_000 } },
      one: { ballot: [voteFor("improve"), voteFor("answer of one")] },
    });
    const { events } = simulateRun({ behave });
    const cancelled = new Set(ofType(events, "call-cancelled").map(({ callId }) => callId));
    const kept = ofType(events, "call-requested").filter(({ purpose }) => purpose === "draft" || purpose === "improvement");
    expect(kept.some(({ callId }) => cancelled.has(callId))).toBe(false);
    expect(ofType(events, "answer-submitted").filter(({ origin }) => origin === "improvement")).toHaveLength(2);
  });

  it("13. a late draft during judging: open ballots are stopped and asked again, votes already cast become stale", () => {
    const { events, ended } = simulateRun({ agents: ["one", "two", "three", "four"], behave: lateDraft });
    const stopped = ofType(events, "call-cancelled").filter(({ why }) => why === "new-answer");
    expect(stopped.map(({ callId }) => callId)).toEqual(["one#2", "two#2"]);
    expect(ofType(events, "round-opened")).toHaveLength(2);
    expect(ofType(events, "vote-cast").filter(({ agent, snapshot }) => agent === "three" && snapshot.length === 3)).toHaveLength(1);
    expect(ended?.tally?.ballots.length).toBeGreaterThan(0);
    expect(ended?.tally?.standings).toHaveLength(4);
  });

  it.each([
    ["replies", { text: "I cannot decide.", afterMs: 40_000, beatsCancel: true }],
    ["fails", { fail: { kind: "auth", message: "bad key", retryable: false }, afterMs: 40_000, beatsCancel: true }],
  ] as const)("13. a ballot that %s all the same while it is being stopped is stale, whatever came of it", (_name, crossing) => {
    const behave: typeof lateDraft = (call) => {
      const { agent, purpose } = call.request;
      return agent === "one" && purpose === "ballot" && call.state.round?.round === 1 ? crossing : lateDraft(call);
    };
    const { calls, events, ended } = simulateRun({ agents: ["one", "two", "three", "four"], behave });
    const ballots = calls.filter(({ request }) => request.agent === "one" && request.purpose === "ballot");
    expect(ballots.map(({ request }) => [request.attempt, request.snapshot.length])).toEqual([
      [1, 3],
      [1, 4],
    ]);
    expect(ofType(events, "reply-refused")).toEqual([]);
    expect(ended).toMatchObject({ outcome: "consensus", degraded: null });
  });

  it("13. a ballot that waits to be tried again does not wait any longer", () => {
    const busy = { fail: { kind: "rate-limited", message: "slow down", retryable: true, retryAfterMs: 300_000 } } as const;
    const behave: typeof lateDraft = (call) => {
      const { agent, purpose } = call.request;
      return agent === "one" && purpose === "ballot" && call.state.round?.round === 1 ? busy : lateDraft(call);
    };
    const { events, ended } = simulateRun({ agents: ["one", "two", "three", "four"], behave });
    expect(ofType(events, "timer-settled").some(({ how }) => how === "not-needed")).toBe(true);
    expect(ended?.elapsedMs).toBeLessThan(100_000);
  });

  it("13. with a late draft improvements go on, and judging starts again when they are there", () => {
    const improvement = { text: "The better answer of three.", afterMs: 90_000 };
    const behave: typeof lateDraft = (call) => {
      const { agent, purpose } = call.request;
      if (agent !== "three" || purpose === "draft") return lateDraft(call);
      return purpose === "improvement" ? improvement : voteFor(call.state.round?.round === 1 ? "improve" : "better answer of three")(call);
    };
    const { events, ended } = simulateRun({ agents: ["one", "two", "three", "four"], behave });
    expect(ofType(events, "call-cancelled").map(({ callId, why }) => `${callId} ${why}`)).toEqual(["one#2 new-answer", "two#2 new-answer"]);
    expect(ofType(events, "round-opened").map(({ snapshot }) => snapshot.length)).toEqual([3, 4]);
    expect(ended).toMatchObject({ outcome: "consensus", degraded: null });
  });

  it("14. an agent at its limit of answers gets a ballot without improve; if it improves all the same, that is an invalid reply", () => {
    const behave = slowBallot(perform({ two: { ballot: voteFor("improve") } }), "one");
    const { calls, events } = simulateRun({ agents: ["one", "two"], behave });
    const ballots = calls.filter(({ request }) => request.agent === "two" && request.purpose === "ballot");
    expect(ballots[0]?.prompt.ballot?.choices).toContain("improve");
    expect(ballots[1]?.prompt.ballot?.choices).not.toContain("improve");
    expect(ofType(events, "reply-refused").filter(({ agent, why }) => agent === "two" && why === "may-not-improve").length).toBeGreaterThan(
      0,
    );
  });

  it("15. nobody is forced out by another agent's limit", () => {
    const { calls, ended } = simulateRun({ behave: perform({ one: { ballot: [voteFor("improve"), voteFor("answer of one")] } }) });
    const second = calls.filter(({ request }) => request.agent === "two" && request.purpose === "ballot")[1];
    expect(second?.prompt.ballot?.choices).toContain("improve");
    expect(ended?.degraded).toBeNull();
  });

  it("16. waiting for drafts skips agents that are out", () => {
    const behave = perform({ two: { draft: { fail: { kind: "auth", message: "bad key", retryable: false }, afterMs: 10 } } });
    const { ended } = simulateRun({ behave });
    expect(ended?.elapsedMs).toBeLessThan(5_000);
    expect(ended).toMatchObject({ outcome: "consensus", degraded: { of: 3, lost: [{ agent: "two", why: "bad key" }] } });
  });

  it("17. all three improve once: at most 13 calls", () => {
    const improveOnce = (agent: string) => ({ [agent]: { ballot: [voteFor("improve"), voteFor("better answer of one")] } });
    const { calls, ended } = simulateRun({ behave: perform({ ...improveOnce("one"), ...improveOnce("two"), ...improveOnce("three") }) });
    expect(calls.length).toBeLessThanOrEqual(13);
    expect(calls.filter(({ request }) => request.purpose === "improvement")).toHaveLength(3);
    expect(ended).toMatchObject({ winner: "one" });
  });

  describe("18. time is up", () => {
    const input = { settings: { bounds: { runMs: 100_000 } } };
    it("with votes the leader wins", () => {
      const never = { never: true } as const;
      const behave = perform({ one: { ballot: never }, two: { ballot: voteFor("answer of three") }, three: { ballot: never } });
      expect(simulateRun({ input, behave }).ended).toMatchObject({
        outcome: "out-of-time",
        answer: "The answer of three.",
        winner: "three",
        presenter: null,
      });
    });
    it("with answers only, the first registered wins", () => {
      const behave = perform({ one: { draft: { never: true } }, two: { ballot: { never: true } }, three: { ballot: { never: true } } });
      expect(simulateRun({ input, behave }).ended).toMatchObject({ outcome: "out-of-time", answer: "The answer of two.", winner: "two" });
    });
    it("with none it is a clear failure", () => {
      const draft = { never: true } as const;
      const { ended } = simulateRun({ input, behave: perform({ one: { draft }, two: { draft }, three: { draft } }) });
      expect(ended).toMatchObject({ outcome: "out-of-time", answer: null, winner: null });
      expect(ended?.degraded?.lost).toHaveLength(3);
    });
    it("with none and a failure before, the end says which", () => {
      const draft = { fail: { kind: "overloaded", message: "busy", retryable: true, retryAfterMs: 90_000 } } as const;
      const { ended } = simulateRun({
        agents: ["one"],
        input: { settings: { bounds: { runMs: 60_000 } } },
        behave: perform({ one: { draft } }),
      });
      const waiting = simulateRun({ agents: ["one"], input, behave: perform({ one: { draft: [draft, { never: true }] } }) });
      expect(ended?.degraded?.lost).toMatchObject([{ why: expect.stringContaining("busy"), failure: { kind: "overloaded" } }]);
      expect(waiting.ended?.degraded?.lost).toMatchObject([{ why: "gave no answer in time: busy", failure: { kind: "overloaded" } }]);
    });
  });

  it("19. agents that are out never win by default while others have answers", () => {
    const gone = { fail: { kind: "auth", message: "the key was withdrawn", retryable: false } } as const;
    const { ended } = simulateRun({ behave: perform({ one: { ballot: gone }, two: { ballot: "?" }, three: { ballot: "?" } }) });
    expect(ended).toMatchObject({ winner: "two", tally: { how: "no-votes" } });
  });

  it("20. the presentation is empty or fails: the next in rank words the winning answer; if none can, it stands verbatim", () => {
    const failing = { fail: { message: "broken pipe" } } as const;
    const second = simulateRun({ behave: perform({ one: { presentation: "" } }) });
    expect(second.ended).toMatchObject({ winner: "one", presenter: "two", answer: "The final words of two." });
    const none = simulateRun({
      behave: perform({ one: { presentation: "" }, two: { presentation: failing }, three: { presentation: failing } }),
    });
    expect(none.ended).toMatchObject({ winner: "one", presenter: null, answer: "The answer of one." });
  });

  it("an agent that only thinks is told apart from one that says nothing", () => {
    const { events } = simulateRun({ behave: perform({ two: { draft: { reasoning: "Hmm." } }, three: { draft: "" } }) });
    expect(ofType(events, "agent-abstained").filter(({ from }) => from === "draft")).toMatchObject([
      { agent: "two", why: expect.stringContaining("only thought") as string },
      { agent: "three", why: "its replies were empty" },
    ]);
  });

  it("20. a presenter that fails for good is out, and the result says so", () => {
    const refused = { fail: { kind: "auth", message: "the key was withdrawn", retryable: false } } as const;
    const { ended } = simulateRun({ behave: perform({ one: { presentation: refused } }) });
    expect(ended).toMatchObject({ winner: "one", presenter: "two", degraded: { lost: [{ agent: "one", failure: { kind: "auth" } }] } });
  });

  it("20. a presentation that comes with a call to a tool nobody offered is a presentation all the same", () => {
    const presentation = { text: "The final words of one.", toolCalls: [{ id: "x", name: "search", input: "{}" }] };
    expect(simulateRun({ behave: perform({ one: { presentation } }) }).ended).toMatchObject({ presenter: "one", calls: 7 });
  });

  it("21. names shown to agents are the same everywhere and never reveal an agent or a model", () => {
    const behave = perform({ two: { ballot: voteFor("answer of one", "Answer A is best") } });
    const { calls, state } = simulateRun({ agents: ["gpt-seat", "llama-seat"], behave: anonymous(behave) });
    const prompts = JSON.stringify(calls.map(({ prompt }) => prompt));
    expect(prompts).not.toMatch(/gpt-seat|llama-seat|model of/u);
    for (const { prompt } of calls.filter(({ request }) => request.purpose !== "draft")) {
      const shown = [...JSON.stringify(prompt.messages).matchAll(/<answer name=\\"(\w+)\\">\\nText of (\S+)\./gu)].map(
        ([, label, agent]) => [label, agent],
      );
      for (const [label, seat] of shown) expect(state.answers.find(({ ref }) => ref.label === label)?.text).toBe(`Text of ${seat}.`);
      expect(shown).toHaveLength(2);
    }
  });
});

function text(text: string): { readonly text: string } {
  return { text };
}

/** The named agent votes last, so that the others' ballots are not cut short. */
function slowBallot(behave: ReturnType<typeof perform>, agent: string): ReturnType<typeof perform> {
  return (call) => {
    const behaviour = behave(call);
    const slow = call.request.agent === agent && call.request.purpose === "ballot" && typeof behaviour === "string";
    return slow ? { text: behaviour, afterMs: 50_000 } : behaviour;
  };
}

/** Agent four drafts after the deadline while one and two still judge and three has voted. */
const lateDraft: ReturnType<typeof perform> = (() => {
  const slow = (wanted: string) => (call: Parameters<ReturnType<typeof voteFor>>[0]) => {
    const text = voteFor(wanted)(call);
    return { text, afterMs: call.state.round?.round === 1 ? 40_000 : 1_000 };
  };
  return perform({
    one: { ballot: slow("answer of one") },
    two: { ballot: slow("answer of two") },
    three: { ballot: voteFor("answer of three") },
    four: { draft: { text: "The answer of four.", afterMs: 80_000 } },
  });
})();

function anonymous(behave: ReturnType<typeof perform>): ReturnType<typeof perform> {
  return (call) => (call.request.purpose === "draft" ? `Text of ${call.request.agent === "gpt-seat" ? "x" : "y"}.` : behave(call));
}
