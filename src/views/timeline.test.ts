import { describe, expect, test } from "vitest";
import { type Behaviour, simulateRun } from "../testing/simulate-run.ts";
import { noProgress, progressOf } from "./progress.ts";
import { timelineOf } from "./timeline.ts";
import type { TimelineLine, Verbosity } from "./timeline-line.ts";
import type { RunEvent } from "../core/facts.ts";

function lines(events: readonly RunEvent[], verbosity: Verbosity): readonly TimelineLine[] {
  let progress = noProgress;
  return events.flatMap((event) => {
    progress = progressOf(progress, { type: "event", event });
    return timelineOf(event, progress, verbosity);
  });
}

const texts = (events: readonly RunEvent[], verbosity: Verbosity = "normal"): readonly string[] =>
  lines(events, verbosity).map(({ text }) => text);

/** Two agents: one is busy at first, two improves what it reads, and somebody writes escape sequences. */
function play(behave: (agent: string, purpose: string, callId: string) => Behaviour): readonly RunEvent[] {
  return simulateRun({ agents: ["one", "two"], behave: ({ request }) => behave(request.agent, request.purpose, request.callId) }).events;
}

const vote = (choice: string, reason = "clear"): string => JSON.stringify({ reason, choice });

const events = play((agent, purpose, callId) => {
  if (purpose === "ballot") return callId === "two#2" ? vote("improve", "I can do \u001B[2Jbetter") : vote("B", "clear\nand short");
  if (purpose === "improvement") return "A better answer.";
  if (callId === "one#1") return { fail: { message: "the server is busy.", retryAfterMs: 2_000, retryable: true } };
  return purpose === "presentation" ? "The final answer." : `Answer of ${agent} \u001B[31min red`;
});

describe("at normal verbosity", () => {
  test("everything that happens, and no calls", () => {
    expect(texts(events)).toEqual([
      "Asking 2 agents: one (model of one), two (model of two).",
      "one is drafting",
      "two is drafting",
      "one failed (the server is busy) and tries again in 2.0 s",
      expect.stringMatching(/^two answered: [AB] \(\d+ tokens, \d+\.\d tokens\/s\) "Answer of two in red"$/u),
      "one is drafting again (attempt 2)",
      expect.stringMatching(/^one answered: [AB] /u),
      expect.stringMatching(/^Round 1: judging [AB] and [AB]$/u),
      expect.stringMatching(/^one is judging /u),
      expect.stringMatching(/^two is judging /u),
      "one votes for B: clear and short",
      "two wants to write a better answer: I can do better",
      "two is improving",
      expect.stringMatching(/^two improved: [AB], version 2 /u),
      expect.stringMatching(/^Round 2: judging /u),
      expect.stringMatching(/^one is judging /u),
      expect.stringMatching(/^two is judging /u),
      "one votes for B: clear and short",
      "two votes for B: clear and short",
      "Votes: B 2, A 0",
      expect.stringMatching(/is wording the final answer$/u),
      expect.stringMatching(/^Answer B by two won with 2 of 2 votes\.$/u),
      "  one voted for B: clear and short",
      "  two voted for B: clear and short",
      expect.stringMatching(/^\d+ calls, .* tokens in, \d+ out, \d+\.\d s\.$/u),
    ]);
  });

  test("loading that anybody notices, and at the end how fast everybody was", () => {
    const timed = simulateRun({
      agents: ["one"],
      behave: () => ({ text: "fine", timing: { loadMs: 9_100, firstTokenMs: 400, tokensPerSecond: 45, reported: true } }),
    });
    const told = texts(timed.events);
    expect(told).toContainEqual(expect.stringMatching(/^one answered: A \(1 token, 45 tokens\/s, after 9\.1 s of loading\) /u));
    expect(told.at(-1)).toBe("Speeds: one 45 tokens/s; first token after 0.4 s; 9.1 s spent loading.");
  });

  test("trouble has the tone of a warning", () => {
    expect(lines(events, "normal").filter(({ tone }) => tone === "warning")).toHaveLength(1);
  });

  test.each<[string, Behaviour, string]>([
    ["out", { fail: { message: "the key is wrong.", retryable: false } }, "two is out: the key is wrong"],
    ["giving up", "", "two gives no answer: its replies were empty"],
  ])("an agent that is lost: %s", (_name, behaviour, sentence) => {
    expect(texts(play((agent) => (agent === "two" ? behaviour : "fine")))).toContain(sentence);
  });

  test("two equal drafts", () => {
    expect(texts(play(() => "the same"))).toContainEqual(
      expect.stringMatching(/^two wrote the same as answer [AB] and is its author too$/u),
    );
  });

  test("interventions and resumption", () => {
    const stopped = simulateRun({
      agents: ["one", "two"],
      behave: () => ({ text: "late", afterMs: 60_000 }),
      interventions: [
        { atMs: 10, fact: { type: "notice", level: "info", text: "for your information." } },
        { atMs: 20, fact: { type: "run-resumed" } },
        { atMs: 30, fact: { type: "user-stopped" } },
      ],
    });
    expect(texts(stopped.events)).toEqual(
      expect.arrayContaining([
        "for your information",
        "The run goes on where it was interrupted.",
        "Stopping: the leading answer is the result",
      ]),
    );
  });
});

describe("with each call", () => {
  const verbose = texts(events, "verbose");

  test("request, rung, settlement with time, tokens and rate", () => {
    expect(verbose).toEqual(
      expect.arrayContaining([
        "+0.00s one#1 is asked for a draft",
        "+3.00s one#2 is asked for a draft, attempt 2",
        expect.stringMatching(/^\+1\.00s one#1 failed: the server is busy \(1\.0 s, .*0 out\)$/u),
        expect.stringMatching(/^\+1\.00s two#1 stop \(1\.0 s, \d+ tokens in, \d+ out, written at \d+\.\d tokens\/s\)$/u),
        "+4.00s one#3 is asked for a ballot (JSON schema)",
      ]),
    );
  });

  test("a long wait in the queue is told", () => {
    const queued = play(() => ({ text: "fine", queuedMs: 3_000, afterMs: 1_000 }));
    expect(texts(queued, "verbose").join("\n")).toContain("after 3.0 s in the queue");
  });

  const measured = (queuedMs: number): string => {
    const { events: timed } = simulateRun({
      agents: [{ id: "one", model: "m", rungs: ["text"], contextTokens: 1_000 }],
      behave: () => ({
        text: "fine",
        queuedMs,
        afterMs: 5_000,
        usage: { inputTokens: 200, outputTokens: 50, cachedInputTokens: 150, estimated: false },
        timing: { firstTokenMs: 400, loadMs: 2_900, promptPerSecond: 512, tokensPerSecond: 23, reported: true },
      }),
    });
    return texts(timed, "verbose").find((line) => line.includes("one#1 stop")) ?? "";
  };

  test("everything that was measured", () => {
    expect(measured(3_400)).toBe(
      "+8.40s one#1 stop (5.0 s, after 0.5 s in the queue, 2.9 s of loading, first token after 0.4 s, 200 tokens in (150 cached), 50 out, " +
        "read at 512 tokens/s, written at 23 tokens/s, 25 % of the context)",
    );
  });

  test("loading before the call is no queueing; during the call it takes nothing off the queue", () => {
    expect(measured(2_900)).toContain("(5.0 s, 2.9 s of loading, ");
    expect(measured(1_000)).toContain("(5.0 s, after 1.0 s in the queue, 2.9 s of loading, ");
  });

  test("a reply that cannot be used, a call that is not waited for", () => {
    const refused = play((agent, purpose) => (purpose === "ballot" ? vote("Z") : `text of ${agent}`));
    expect(texts(refused, "verbose").join("\n")).toContain("cannot be used: it names an answer that does not exist");
    const early = simulateRun({
      behave: ({ request, state }) => {
        if (request.purpose !== "ballot") return `text of ${request.agent}`;
        return request.agent === "three" ? { never: true } : vote(state.answers[0]?.ref.label ?? "");
      },
    });
    expect(texts(early.events, "verbose").join("\n")).toContain("is cancelled: it cannot change the result any more");
  });

  test("no prompts and no replies", () => {
    expect(verbose.join("\n")).not.toContain("Why is the sky blue?");
  });
});

describe("with prompts and replies", () => {
  const debug = texts(events, "debug").join("\n");

  test.each(["> user: Why is the sky blue?", "> system: ", "< reply: The final answer.", '< reply: {"reason":'])("%s", (part) => {
    expect(debug).toContain(part);
  });

  test("thinking and tool calls", () => {
    const odd = play((agent, purpose) =>
      purpose === "ballot"
        ? { reasoning: "let me see", toolCalls: [{ id: "1", name: "ballot", input: '{"choice":"A","reason":"clear"}' }] }
        : `text of ${agent}`,
    );
    const text = texts(odd, "debug").join("\n");
    expect(text).toContain("< thinking: let me see");
    expect(text).toContain('< tool call ballot: {"choice":"A","reason":"clear"}');
  });

  test("nothing a model wrote reaches the terminal as a control character", () => {
    expect(debug).not.toMatch(/[\p{Cc}--\n]/v);
  });
});

test("nothing is said of votes where nobody was asked for one", () => {
  const alone = simulateRun({ agents: ["one"], behave: () => "An answer." }).events;
  expect(texts(alone).join("\n")).not.toContain("Votes");
});
