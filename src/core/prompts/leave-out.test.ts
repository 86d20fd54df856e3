import { describe, expect, it } from "vitest";
import { asked, ofType, perform } from "../../../test/behaviours/council.ts";
import { type Behaviour, simulateRun, type SimulatedCall } from "../../testing/simulate-run.ts";
import type { Turn } from "../facts/settings.ts";

const seats = (...contexts: readonly (number | undefined)[]) =>
  contexts.map((contextTokens, index) => ({
    id: ["one", "two", "three"][index] ?? "",
    model: `m${index}`,
    rungs: ["schema"] as const,
    ...(contextTokens === undefined ? {} : { contextTokens }),
  }));

/** Exchanges of about 200 tokens each. */
const history = (exchanges: number): readonly Turn[] =>
  Array.from({ length: exchanges * 2 }, (_, index) => ({
    role: index % 2 === 0 ? "user" : "assistant",
    text: `Message ${index}. ${"some words ".repeat(35)}`,
  }));

const textOf = ({ prompt }: SimulatedCall): string => prompt.messages.map((message) => ("text" in message ? message.text : "")).join("\n");
const shown = (call: SimulatedCall): readonly number[] =>
  [...textOf(call).matchAll(/Message (\d+)\./gu)].map(([, number]) => Number(number));
const refuses = (overflow?: { promptTokens?: number; contextTokens?: number }): Behaviour => ({
  fail: { kind: "context-overflow", message: "too long.", retryable: false, ...(overflow === undefined ? {} : { overflow }) },
});

describe("a conversation that does not fit", () => {
  const { calls, events, ended } = simulateRun({
    agents: seats(2_048, 32_768, undefined),
    input: { history: history(20) },
    behave: perform({}),
  });

  it("loses its oldest exchanges, whole, from what the agent with the small context reads", () => {
    const [small, large, unknown] = calls;
    if (small === undefined || large === undefined || unknown === undefined) throw new Error("three drafts are asked for");
    const left = shown(small);
    expect(left.at(-1)).toBe(39);
    expect(left[0]).toBeGreaterThan(20);
    expect((left[0] ?? 1) % 2).toBe(0);
    expect(textOf(small)).toContain(`[… ${left[0]} earlier messages are left out here: they do not fit …]\n\nMessage ${left[0]}.`);
    expect(shown(large)).toHaveLength(40);
    expect(shown(unknown)).toHaveLength(40);
    expect(small.prompt.messages.map(({ role }) => role).join(" ")).toMatch(/^system user( assistant user)+$/u);
  });

  it("is the same for all judges, as the smallest context asks", () => {
    const judges = calls.filter(({ request }) => request.purpose === "ballot");
    expect(judges).toHaveLength(3);
    const heads = new Set(judges.map((call) => textOf(call).slice(0, textOf(call).lastIndexOf("</answer>"))));
    expect(heads.size).toBe(1);
    for (const { prompt } of judges) expect(prompt.promptTokens).toBeLessThan(2_048);
  });

  it("is told to people once, with its numbers", () => {
    const notices = ofType(events, "notice");
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatchObject({ level: "warning", about: "left-out", agent: "one" });
    expect(notices[0]?.text).toMatch(/^The oldest \d+ of 40 earlier messages .* a context of 2,048 tokens\. .*context_length/u);
    expect(ended?.degraded).toBeNull();
  });

  it("leaves nothing but the note where there is room for none of it", () => {
    const long = history(2).map(({ role, text }) => ({ role, text: text.repeat(20) }));
    const run = simulateRun({ agents: seats(2_048), input: { history: long }, behave: perform({}) });
    expect(textOf(run.calls[0] as SimulatedCall)).toMatch(/4 earlier messages are left out here.*\n\nWhy is the sky blue\?$/su);
  });

  it("goes before replaced versions and before whole answers", () => {
    const text = "The answer has many words. ".repeat(100);
    const run = simulateRun({
      agents: seats(4_096, 4_096),
      input: { history: history(10) },
      behave: perform({ one: { draft: `One: ${text}` } }),
    });
    const ballot = run.calls.find(({ request }) => request.purpose === "ballot") as SimulatedCall;
    expect(ballot.request.leftOut?.messages).toBeGreaterThan(0);
    expect(ballot.request.leftOut).not.toHaveProperty("answerTokens");
    expect(textOf(ballot)).toContain(text.trim());
  });
});

describe("a question that does not fit", () => {
  const question = "why ".repeat(3_000);

  it("puts the agent out before anything is sent, with both numbers and what to do", () => {
    const { calls, ended } = simulateRun({ agents: seats(2_048, 32_768), input: { question }, behave: perform({}) });
    expect(asked(calls).filter((call) => call.endsWith("one"))).toEqual([]);
    expect(ended?.degraded?.lost).toMatchObject([
      { agent: "one", why: expect.stringMatching(/^the question alone takes about 3,0\d\d tokens, .* 2,048 tokens: .*context_length/u) },
    ]);
    expect(ended?.answer).toContain("two");
  });

  it("is sent where it may just fit", () => {
    expect(asked(simulateRun({ agents: seats(3_100), input: { question }, behave: perform({}) }).calls)).toEqual(["draft one"]);
  });
});

describe("a prompt that was refused as too long", () => {
  it("is asked again at once, with less", () => {
    const draft = [refuses({ promptTokens: 9_000, contextTokens: 4_096 }), "The answer of one."];
    const { calls, ended, events } = simulateRun({
      agents: seats(undefined, undefined),
      input: { history: history(20) },
      behave: perform({ one: { draft } }),
    });
    const [first, , second] = calls as readonly [SimulatedCall, SimulatedCall, SimulatedCall];
    expect(second.request).toMatchObject({ agent: "one", purpose: "draft", attempt: 2 });
    expect(shown(first)).toHaveLength(40);
    expect(shown(second).length).toBeLessThan(20);
    expect(ofType(events, "timer-requested").some(({ purpose }) => purpose === "retry")).toBe(false);
    expect(ended).toMatchObject({ outcome: "consensus", degraded: null });
  });

  it("is not asked again where nothing more can be left out, and the agent goes with both numbers", () => {
    const { ended, calls } = simulateRun({ behave: perform({ one: { draft: refuses({ promptTokens: 900, contextTokens: 512 }) } }) });
    expect(calls.filter(({ request }) => request.agent === "one")).toHaveLength(1);
    expect(ended?.degraded?.lost).toMatchObject([
      { agent: "one", why: expect.stringMatching(/^too long\. Nothing more .* 900 tokens for a context of 512 tokens: /u) },
    ]);
  });

  it("is not asked for ever", () => {
    const { ended, calls } = simulateRun({
      agents: seats(undefined),
      input: { history: history(40) },
      behave: perform({ one: { draft: refuses() } }),
    });
    expect(calls).toHaveLength(3);
    expect(ended).toMatchObject({ outcome: "failed" });
  });

  it("leaves answers shorter in a ballot, and lets the winner present", () => {
    const long = (name: string): string => `Answer ${name}. ${"many words ".repeat(300)}`;
    const { calls, ended } = simulateRun({
      agents: seats(undefined, undefined),
      behave: perform({
        one: { draft: long("one"), ballot: [refuses({ promptTokens: 2_400, contextTokens: 1_024 }), '{"choice":"A"}'] },
        two: { draft: long("two") },
      }),
    });
    const ballots = calls.filter(({ request }) => request.purpose === "ballot" && request.agent === "one");
    expect(ballots.map((call) => textOf(call).includes("shortened here"))).toEqual([false, true]);
    expect(ended).toMatchObject({ outcome: "consensus", degraded: null });
  });

  it("asks for less output where prompt and output were too much together", () => {
    const draft = [refuses({ contextTokens: 4_096 }), "The answer of one."];
    const { calls } = simulateRun({ agents: seats(undefined), behave: perform({ one: { draft } }) });
    const limits = calls.map(({ request }) => request.maxOutputTokens);
    expect(limits[1]).toBeLessThan(limits[0] ?? 0);
  });

  it("waits as before where other requests had filled the pool", () => {
    const draft = [{ fail: { kind: "context-overflow", message: "exceeded", retryable: true } } as const, "The answer of one."];
    const { events } = simulateRun({ behave: perform({ one: { draft } }) });
    expect(ofType(events, "timer-requested").filter(({ purpose }) => purpose === "retry")).toHaveLength(1);
  });

  it("a continuation that does not fit leaves what was written", () => {
    const draft = { text: "so many words ".repeat(300), finish: "length" as const };
    const { ended } = simulateRun({ agents: seats(1_024), behave: perform({ one: { draft } }) });
    expect(ended).toMatchObject({ outcome: "single", truncated: true, answer: draft.text.trim() });
  });
});
