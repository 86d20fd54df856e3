import { describe, expect, it } from "vitest";
import { simulateRun, type SimulatedCall } from "../../src/testing/simulate-run.ts";
import { asked, ofType, ballotFor, perform, voteFor } from "./council.ts";

describe("walks through the protocol", () => {
  it("22. one of two never answers: the deadline passes, the other's answer wins without a ballot, degraded", () => {
    const { calls, ended } = simulateRun({ agents: ["one", "two"], behave: perform({ one: { draft: { never: true } } }) });
    expect(asked(calls)).toEqual(["draft one", "draft two", "presentation two"]);
    expect(ended).toMatchObject({
      outcome: "consensus",
      winner: "two",
      tally: { how: "unopposed" },
      degraded: { of: 2, lost: [{ agent: "one" }] },
    });
    expect(ended?.elapsedMs).toBe(61_000);
  });

  it("22. the deadline is three times the slowest finished draft, but never later than half the run's time", () => {
    const slow = { draft: { text: "The answer of two.", afterMs: 100_000 } };
    const run = (runMs: number) =>
      simulateRun({
        agents: ["one", "two"],
        input: { settings: { bounds: { runMs } } },
        behave: perform({ one: { draft: { never: true } }, two: slow }),
      });
    expect(run(3_600_000).ended?.elapsedMs).toBe(301_000);
    expect(run(400_000).ended?.elapsedMs).toBe(201_000);
  });

  it("22. time in a queue is no draft's time", () => {
    const behave = perform({ one: { draft: { text: "The answer of one.", queuedMs: 500_000, afterMs: 1_000 } } });
    const { ended } = simulateRun({ agents: ["one", "two"], behave });
    expect(ended).toMatchObject({ degraded: null });
  });

  it("22. nor is the time in which its second attempt waits there, or its model is loaded again after a resume", () => {
    const busy = { fail: { message: "busy", retryable: true } } as const;
    const queued = { text: "The answer of one.", queuedMs: 300_000, afterMs: 50_000 };
    const behave = perform({ one: { draft: [busy, queued] } });
    expect(simulateRun({ agents: ["one", "two"], behave }).ended).toMatchObject({ degraded: null });
    const before = simulateRun({ agents: ["one", "two"], behave: perform({ one: { draft: { never: true } } }), dieAfter: 10 });
    expect(before.state.answers).toHaveLength(1);
    const after = simulateRun({ past: before.events, behave: perform({ one: { draft: queued } }) });
    expect(after.ended).toMatchObject({ degraded: null });
  });

  it("23. a draft that comes in after the tally is logged and changes nothing", () => {
    const behave = perform({ three: { draft: { never: true } } });
    const { events, ended } = simulateRun({ behave, interventions: [{ atMs: 62_000, fact: settledDraft("three#1") }] });
    const tally = ofType(events, "tally-taken")[0];
    expect(tally).toBeDefined();
    expect(ended).toMatchObject({ outcome: "consensus", winner: "one" });
    expect(ofType(events, "answer-submitted").map(({ authors }) => authors)).toEqual([["one"], ["two"]]);
  });

  it("24. all abstain: the answer of the agent registered first wins, and the tally says that no vote was cast", () => {
    const ballot = "No idea.";
    const { ended } = simulateRun({ behave: perform({ one: { ballot }, two: { ballot }, three: { ballot } }) });
    expect(ended).toMatchObject({ outcome: "consensus", winner: "one", tally: { how: "no-votes", ballots: [], abstained: [{}, {}, {}] } });
  });

  it("25. everyone chooses improve for ever: bounded by answers per agent, ends with a vote", () => {
    let words = 0;
    const babble = { ballot: voteFor("improve"), improvement: () => `Yet another thought ${words++}.` };
    const { ended, calls } = simulateRun({
      input: { settings: { bounds: { answersPerAgent: 4 } } },
      behave: perform({ one: babble, two: babble, three: babble }),
    });
    expect(ended?.outcome).toBe("consensus");
    expect(calls.filter(({ request }) => request.purpose === "improvement")).toHaveLength(9);
    expect(ended?.tally?.abstained).toHaveLength(3);
  });

  it("26. two improvements arrive while a third agent's ballot is open: it finishes and is stale; one new round of judging", () => {
    const improves = (agent: string) => ({
      ballot: [voteFor("improve"), voteFor("better answer of one")],
      improvement: `The better answer of ${agent}.`,
    });
    const slow = { text: "", afterMs: 10_000 };
    const behave = perform({ one: improves("one"), two: improves("two") });
    const { events, ended } = simulateRun({
      behave: (call) => {
        const { agent, purpose } = call.request;
        const behaviour = behave(call);
        return agent === "three" && purpose === "ballot" && typeof behaviour === "string" ? { ...slow, text: behaviour } : behaviour;
      },
    });
    expect(ofType(events, "call-cancelled").filter(({ why }) => why === "new-answer")).toHaveLength(0);
    expect(ofType(events, "round-opened")).toHaveLength(2);
    expect(ofType(events, "vote-cast").find(({ agent }) => agent === "three")?.snapshot).toHaveLength(3);
    expect(ended).toMatchObject({ winner: "one" });
  });

  it("27. all drafts are equal: one answer with all as authors, no ballot", () => {
    const same = (text: string) => ({ draft: text });
    const { ended, calls } = simulateRun({
      behave: perform({ one: same("Rayleigh  scattering."), two: same("Rayleigh scattering.\n"), three: same(" Rayleigh scattering.") }),
    });
    expect(asked(calls)).toEqual(["draft one", "draft two", "draft three", "presentation one"]);
    expect(ended?.tally).toMatchObject({ how: "unopposed", standings: [{ authors: ["one", "two", "three"] }] });
  });

  it("27. two of three drafts are equal: one answer with two authors, shown once", () => {
    const { ended, calls } = simulateRun({
      behave: perform({ one: { draft: "Same." }, three: { draft: "Same." }, two: { ballot: voteFor("Same.") } }),
    });
    const ballot = calls.find(({ request }) => request.purpose === "ballot");
    expect(ballot?.prompt.ballot?.choices).toHaveLength(3);
    expect(ended?.tally?.standings.map(({ authors }) => authors)).toContainEqual(["one", "three"]);
  });

  it("27. who improves a shared answer starts its own and leaves the shared one to the other", () => {
    const behave = perform({
      one: { draft: "Same.", ballot: [voteFor("improve"), voteFor("better answer of one")] },
      three: { draft: "Same." },
    });
    const { ended } = simulateRun({ behave });
    const authors = Object.fromEntries(ended?.tally?.standings.map((standing) => [standing.authors.join(), standing.version]) ?? []);
    expect(authors).toEqual({ one: 1, two: 1, three: 1 });
  });

  it("28. an improvement equal to an existing answer is a vote for it", () => {
    const behave = perform({
      two: { ballot: voteFor("improve"), improvement: "The answer of one." },
      one: { ballot: voteFor("answer of two") },
      three: { ballot: voteFor("answer of three") },
    });
    const { events, ended } = simulateRun({ behave });
    expect(ofType(events, "answer-submitted")).toHaveLength(3);
    const vote = ofType(events, "vote-cast").find(({ agent }) => agent === "two");
    expect(vote?.choice.label).toBe(ended?.tally?.standings.find(({ authors }) => authors.includes("one"))?.label);
  });

  it("28. an improvement that fails falls back to a ballot without improve, also when another one opened a new round meanwhile", () => {
    const behave = perform({
      one: { ballot: [voteFor("improve"), voteFor("answer of two")], improvement: "" },
      two: { ballot: [voteFor("improve"), voteFor("answer of two")] },
    });
    const { calls, events } = simulateRun({ behave });
    const [first, second] = calls.filter(({ request }) => request.agent === "one" && request.purpose === "ballot");
    expect(ofType(events, "round-opened")).toHaveLength(2);
    expect(first?.request.mayImprove).toBe(true);
    expect(second?.request).toMatchObject({ mayImprove: false, snapshot: [{}, { version: 2 }, {}] });
  });

  it("29. two of three ballots agree: the third is cancelled, its tokens are accounted for", () => {
    const { events, ended, calls } = simulateRun({ behave: perform({ three: { ballot: { never: true } } }) });
    const read = calls.map(({ prompt }) => prompt.promptTokens ?? 0);
    const cancelled = calls.findIndex(({ request }) => request.callId === "three#2");
    expect(ofType(events, "call-cancelled")).toMatchObject([{ callId: "three#2", why: "decided" }]);
    expect(ofType(events, "call-settled").find(({ callId }) => callId === "three#2")?.outcome).toMatchObject({
      type: "cancelled",
      usage: { inputTokens: read[cancelled] },
    });
    const inputTokens = read.reduce((total, tokens) => total + tokens, 0);
    expect(ended).toMatchObject({ tally: { how: "decided-early" }, usage: { inputTokens } });
  });

  it("29. no early stop while an improvement is being written", () => {
    const chooses = (call: SimulatedCall) => ({ ...ballotFor("improve")(call), afterMs: 500 });
    const improvement = { text: "The better answer of three.", afterMs: 60_000 };
    const { events } = simulateRun({ behave: perform({ three: { ballot: [chooses, voteFor("better answer of three")], improvement } }) });
    expect(ofType(events, "call-cancelled").filter(({ callId }) => callId === "three#3")).toHaveLength(0);
    expect(ofType(events, "answer-submitted")).toHaveLength(4);
  });

  it("30. one agent: one call, no ballot, no presentation", () => {
    const { ended, calls } = simulateRun({ agents: ["one"], behave: perform({}) });
    expect(asked(calls)).toEqual(["draft one"]);
    expect(ended).toMatchObject({ outcome: "single", answer: "The answer of one.", winner: "one", presenter: null, degraded: null });
  });

  it("31. a draft of 5 MB that was cut is marked and shortened to fit everybody's prompt", () => {
    const endless = { text: "word ".repeat(1_000_000), finish: "cut" } as const;
    const agents = ["one", "two", "three"].map((id) => ({ id, model: "small", rungs: ["schema"] as const, contextTokens: 4_096 }));
    const { calls, ended } = simulateRun({
      agents,
      input: { settings: { bounds: { runTokens: 1e9 } } },
      behave: perform({ two: { draft: endless }, three: { draft: endless } }),
    });
    const ballot = JSON.stringify(calls.find(({ request }) => request.purpose === "ballot")?.prompt.messages);
    expect(ballot.length / 4).toBeLessThan(4_096);
    expect(ballot).toContain("shortened here");
    expect(ended).toMatchObject({ outcome: "consensus" });
  });

  it("32. a draft that ends at its limit is continued once, then stands marked as truncated", () => {
    const part = (text: string) => ({ text, finish: "length" }) as const;
    const run = simulateRun({ behave: perform({ two: { draft: [part("First half, "), part("second half")] } }) });
    expect(ofType(run.events, "answer-submitted").find(({ authors }) => authors.includes("two"))).toMatchObject({
      text: "First half, second half",
      truncated: true,
    });
    const whole = simulateRun({ behave: perform({ two: { draft: [part("First half, "), "second half."] } }) });
    expect(ofType(whole.events, "answer-submitted").find(({ authors }) => authors.includes("two"))).toMatchObject({
      text: "First half, second half.",
      truncated: false,
    });
  });

  describe("32. where the continuation gives nothing, the first part stands, marked as truncated", () => {
    const first = { text: "First half, ", finish: "length" } as const;
    const cases = {
      "it is empty": { text: "" },
      "it calls a tool that nobody offered": { toolCalls: [{ id: "x", name: "search", input: "{}" }] },
      "it fails for now": { fail: { message: "busy", retryable: true } },
      "it does not fit the context": { fail: { kind: "context-overflow", message: "too long", retryable: false } },
      "the agent's time is up": { never: true },
    } as const;
    it.each(Object.entries(cases))("%s", (_name, play) => {
      const { events, ended } = simulateRun({ agents: ["two"], behave: perform({ two: { draft: [first, play] } }) });
      expect(ofType(events, "answer-submitted")).toMatchObject([{ text: "First half,", truncated: true }]);
      expect(ended).toMatchObject({ outcome: "single", answer: "First half,", degraded: null });
    });
    it("the run is stopped", () => {
      const draft = [first, { never: true }] as const;
      const interventions = [{ atMs: 5_000, fact: { type: "user-stopped" } as const }];
      const { ended } = simulateRun({ agents: ["one"], behave: perform({ one: { draft } }), interventions });
      expect(ended).toMatchObject({ outcome: "stopped", answer: "First half,", truncated: true });
    });
    it("but a presentation of which only half came has failed", () => {
      const presentation = [first, { fail: { message: "busy", retryable: true } }] as const;
      expect(simulateRun({ behave: perform({ one: { presentation } }) }).ended).toMatchObject({ winner: "one", presenter: "two" });
    });
  });

  describe("33. the person stops the run", () => {
    const stop = (atMs: number) => [{ atMs, fact: { type: "user-stopped" } as const }];
    it("with an answer: the leading answer, and the outcome says stopped", () => {
      const { ended } = simulateRun({ behave: perform({ one: { draft: { never: true } } }), interventions: stop(5_000) });
      expect(ended).toMatchObject({ outcome: "stopped", answer: "The answer of two.", presenter: null });
    });
    it("without one: no answer", () => {
      const { ended, events } = simulateRun({ behave: perform({}), interventions: stop(500) });
      expect(ended).toMatchObject({ outcome: "stopped", answer: null });
      expect(ofType(events, "call-settled")).toHaveLength(3);
    });
    it("while the winner presents: the winning answer as it stands", () => {
      const { ended } = simulateRun({ behave: perform({ one: { presentation: { never: true } } }), interventions: stop(5_000) });
      expect(ended).toMatchObject({ outcome: "stopped", answer: "The answer of one.", winner: "one" });
    });
  });

  it("34. ten turns: the prompts of turn N hold turns 1 to N-1 once each, in order, as they were shown", () => {
    const history: { role: "user" | "assistant"; text: string }[] = [];
    for (let turn = 1; turn <= 10; turn++) {
      const question = `Question number ${turn}?`;
      const { calls, ended } = simulateRun({
        input: { question, history: [...history] },
        behave: perform({ one: { presentation: `Reply number ${turn}.` } }),
      });
      for (const { prompt } of calls) {
        const texts = prompt.messages.map((message) => ("text" in message ? message.text : ""));
        expect(texts.slice(1, -1)).toEqual(history.map(({ text }) => text));
        expect(texts.at(-1)).toContain(question);
        expect(prompt.messages.map(({ role }) => role).join(" ")).toMatch(/^system( user assistant)* user$/u);
      }
      history.push({ role: "user", text: question }, { role: "assistant", text: ended?.answer ?? "" });
    }
  });
});

function settledDraft(callId: string) {
  const usage = { inputTokens: 1, outputTokens: 1, estimated: false };
  return { type: "call-settled", callId, outcome: { type: "replied", text: "Too late.", toolCalls: [], finish: "stop", usage } } as const;
}
