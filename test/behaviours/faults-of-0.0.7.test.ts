import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { simulateRun } from "../../src/testing/simulate-run.ts";
import { asked, ofType, perform, voteFor } from "./council.ts";

/**
 * The faults of MassGen 0.0.7 by their ids (facts, massgen-0.0.7.md) and the test that holds each of them off: by its file, from `test`, and the
 * beginning of its name, or below.
 */
const heldBy: Readonly<Record<string, readonly (readonly [file: string, name: string])[]>> = {
  "ORC-1, a permanent failure is a livelock": [
    ["whole-runs", "one agent's provider always refuses the key"],
    ["behaviours/effects-and-resume", "40. %s (%d) is never retried"],
    ["behaviours/effects-and-resume", "39."],
  ],
  "ORC-2, no limit of time, answers or tokens": [
    ["laws", "whatever the models do, a run ends, within its bounds"],
    ["behaviours/rounds-and-votes", "18."],
    ["behaviours/walks", "25."],
  ],
  "ORC-3, a duplicate is accepted": [
    ["behaviours/walks", "27."],
    ["behaviours/walks", "28."],
  ],
  "ORC-4, an empty answer is accepted": [["whole-runs", "an agent submits empty answers"]],
  "ORC-9, a vote is offered for agents without an answer": [
    ["laws", "a ballot offers the labels shown"],
    ["behaviours/rounds-and-votes", "5."],
  ],
  "ORC-10, a vote that is dropped was announced": [["behaviours/rounds-and-votes", "13. a ballot that %s all the same"]],
  "ORC-11, the presentation runs twice": [["behaviours/rounds-and-votes", "1."]],
  "ORC-12, the presentation lacks the conversation": [["behaviours/walks", "34."]],
  "ORC-13, a failed presentation goes unseen": [["behaviours/rounds-and-votes", "20."]],
  "ORC-15, labels change": [["behaviours/rounds-and-votes", "21."]],
  "ORC-16, a tool call gets no result": [["behaviours/outcome-table", "$purpose: $situation"]],
  "ORC-17, what is cancelled goes on": [
    ["whole-runs", "cancels cleanly"],
    ["laws", "a person may stop the run at any moment"],
  ],
  "ORC-18, half a reply is kept after an error": [["behaviours/rounds-and-votes", "10."]],
  "ORC-19, a cancelled run blocks what comes after": [["whole-runs", "37."]],
  "ORC-20, nothing is left of a run afterwards": [["laws", "every event is what its schema says; read back"]],
  "ORC-21, one slow agent holds everything up": [
    ["behaviours/walks", "22."],
    ["behaviours/walks", "29."],
  ],
  "CLI-1, the command does not start": [["cli/process", "version and help need nothing else"]],
  "CLI-2, the help names what there is not": [["../src/cli/arguments", "CLI-2"]],
  "CLI-3, no arguments ask a cloud": [["migrating/flags", "without a model nothing is asked of OpenAI"]],
  "CLI-4, the default model of one backend goes to another": [["migrating/flags", "--model and the default of each backend"]],
  "CLI-5, an effort is sent as part of the model's name": [["../src/models/catalogue/effort-of", "CLI-5"]],
  "CLI-6, .env goes over the environment": [["migrating/variables", "CLI-6"]],
  "CLI-7, Ctrl-C at the prompt does nothing, then ends in a trace": [["cli/chat-terminal", "CLI-7"]],
  "CLI-8, a reset resets nothing": [["migrating/chat", "CLI-8"]],
  "CLI-9, the end of input loops for ever": [["../src/cli/create-lines", "CLI-9"]],
  "CLI-10, waiting for a line blocks all else": [["cli/chat-terminal", "CLI-10"]],
  "CLI-11, history comes twice": [
    ["cli/chat", "UI-1, CLI-8, CLI-11"],
    ["cli/direct", "a chat says so, and CLI-8, CLI-11"],
  ],
  "UI-1, turn 2 of a chat fails": [
    ["cli/chat", "UI-1, CLI-8, CLI-11"],
    ["cli/chat", "UI-1: a council of several"],
  ],
  "UI-2, without a terminal the exit code is 1": [["cli/process", "47."]],
  "UI-3, an interrupt ends in an unrelated error": [["cli/ask", "33. a person stops the run"]],
  "UI-4, the answer is mangled": [["cli/chat", "UI-4"]],
  "UI-19, nothing prints the answer alone": [["cli/output", "-q: the answer and nothing else"]],
};

describe("the faults of 0.0.7 that other tests hold off", () => {
  it.each(Object.entries(heldBy))("%s", (_fault, tests) => {
    for (const [file, name] of tests) {
      const source = readFileSync(new URL(`../${file}.test.ts`, import.meta.url), "utf8");
      expect(source.includes(`("${name}`) || source.includes(`(\`${name}`), `${file}: ${name}`).toBe(true);
    }
  });
});

describe("the faults of 0.0.7", () => {
  const seats = ["one", "two", "three"].map((id) => ({ id, model: "m", rungs: ["schema"] as const, persona: `You are the ${id}.` }));
  /** Agent two improves and wins, agent three has to be asked twice. */
  const improving = () =>
    perform({
      one: { ballot: voteFor("answer of one") },
      two: { ballot: [voteFor("improve"), voteFor("better answer of two")] },
      three: { ballot: ["?", voteFor("better answer of two")] },
    });
  const words = (messages: readonly object[]): string => JSON.stringify(messages);

  it("ORC-5: the persona is sent in every call of its agent", () => {
    const { calls } = simulateRun({ agents: seats, behave: improving() });
    expect(new Set(calls.map(({ request }) => request.purpose)).size).toBe(4);
    for (const { request, prompt } of calls) expect(words(prompt.messages)).toContain(`You are the ${request.agent}.`);
  });

  it("ORC-6: no prompt tells the time, so that a prompt of tomorrow differs by its date alone", () => {
    const [today, tomorrow] = ["2030-01-01", "2030-01-02"].map((date) =>
      simulateRun({ input: { date }, behave: improving() }).calls.map(({ prompt }) => words(prompt.messages)),
    );
    expect(today?.join("")).not.toMatch(/\d:\d\d/u);
    expect(tomorrow).toEqual(today?.map((prompt) => prompt.replaceAll("2030-01-01", "2030-01-02")));
  });

  it("ORC-7: who improves goes on in its own conversation, and a judge is told which answer is its own", () => {
    const { calls, state } = simulateRun({ behave: improving() });
    const improvement = calls.find(({ request }) => request.purpose === "improvement")?.prompt.messages ?? [];
    expect(improvement.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"]);
    for (const { request, prompt } of calls.filter(({ request }) => request.purpose === "ballot")) {
      const own = state.answers.find(({ authors }) => authors.includes(request.agent))?.ref.label;
      expect(words(prompt.messages)).toContain(`Answer ${own} is yours`);
    }
  });

  it("ORC-8: the tally counts votes that stand and no others", () => {
    const { events, ended } = simulateRun({ behave: improving() });
    const stale = ofType(events, "vote-cast").find(({ agent }) => agent === "one");
    expect(ended?.tally?.ballots.map(({ callId }) => callId)).not.toContain(stale?.callId);
    expect(ended?.tally?.ballots.map(({ agent }) => agent)).toEqual(["one", "two", "three"]);
  });

  it("ORC-10: what is announced as a vote was cast over answers that stood when it came in", () => {
    const { events } = simulateRun({ behave: improving() });
    for (const vote of ofType(events, "vote-cast")) {
      const round = ofType(events, "round-opened").findLast(({ seq }) => seq < vote.seq);
      expect(vote.snapshot).toEqual(round?.snapshot);
    }
  });

  it("ORC-11 to ORC-13: what the winner says is asked for once and is the result", () => {
    const { calls, ended } = simulateRun({ behave: improving() });
    expect(asked(calls).filter((call) => call.startsWith("presentation"))).toEqual(["presentation two"]);
    expect(ended).toMatchObject({ answer: "The final words of two.", presenter: "two" });
  });

  it("ORC-14: a council may sit on a council: what a run returns is plain text, as a model's reply is", () => {
    const inner = simulateRun({ behave: improving() }).ended?.answer ?? "";
    const { ended } = simulateRun({ agents: ["council", "other"], behave: perform({ council: { draft: inner, presentation: inner } }) });
    expect(ended).toMatchObject({ outcome: "consensus", degraded: null });
  });

  it("ORC-20: the answers, reasons and votes of those who lost are in the log", () => {
    const { events } = simulateRun({ behave: improving() });
    expect(ofType(events, "answer-submitted").map(({ authors }) => authors.join())).toEqual(["one", "two", "three", "two"]);
    expect(ofType(events, "vote-cast").every(({ reason }) => reason !== "")).toBe(true);
  });

  it("ORC-22: votes for oneself can be weighed less or left out", () => {
    const selfish = perform({ one: { ballot: voteFor("answer of one") }, two: { ballot: voteFor("answer of one") } });
    const votes = (selfVotes: "count" | "discount" | "exclude") =>
      simulateRun({ agents: ["one", "two"], input: { settings: { voting: { selfVotes } } }, behave: selfish }).ended?.tally?.standings[0]
        ?.votes;
    expect([votes("count"), votes("discount"), votes("exclude")]).toEqual([1, 1.5, 1]);
  });

  it("ORC-23: an answer is told once, whole, and apart from what else a model says", () => {
    const { events } = simulateRun({ behave: improving() });
    const texts = ofType(events, "answer-submitted").map(({ text }) => text);
    expect(new Set(texts).size).toBe(texts.length);
    for (const { type, ...rest } of events) {
      if (type !== "answer-submitted" && type !== "call-settled") expect(texts.some((text) => words([rest]).includes(text))).toBe(false);
    }
  });
});
