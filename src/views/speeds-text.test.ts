import { expect, test } from "vitest";
import type { Timing } from "../core/facts/outcome.ts";
import { type Behaviour, simulateRun } from "../testing/simulate-run.ts";
import { speedsText } from "./speeds-text.ts";

/** Two agents that answer, vote for what came first, and word the result; each call with its tokens and times. */
function told(timed: (callId: string) => { readonly tokens?: number; readonly timing?: Partial<Timing> }): readonly string[] {
  const { state } = simulateRun({
    agents: ["one", "two"],
    behave: ({ request, state: { answers } }): Behaviour => {
      const { tokens = 10, timing } = timed(request.callId);
      return {
        text: request.purpose === "ballot" ? JSON.stringify({ reason: "clear", choice: answers[0]?.ref.label }) : request.callId,
        usage: { inputTokens: 10, outputTokens: tokens, estimated: false },
        ...(timing === undefined ? {} : { timing: { reported: false, ...timing } }),
      };
    },
  });
  return speedsText(state);
}

test("tokens/s of each agent over all it wrote, the span of first tokens, and loading, what was waited for together once", () => {
  const calls: Readonly<Record<string, { readonly tokens: number; readonly timing: Partial<Timing> }>> = {
    "one#1": { tokens: 300, timing: { tokensPerSecond: 60, firstTokenMs: 2_100, loadMs: 6_000 } },
    "one#2": { tokens: 100, timing: { tokensPerSecond: 20, firstTokenMs: 400 } },
    "two#1": { tokens: 300, timing: { tokensPerSecond: 1.5, firstTokenMs: 900, loadMs: 3_100 } },
  };
  expect(told((callId) => calls[callId] ?? {})).toEqual([
    "Speeds: one 40 tokens/s, two 1.5 tokens/s; first token after 0.4 s to 2.1 s; 6.0 s spent loading.",
  ]);
});

test.each<[string, Partial<Timing> | undefined, readonly string[]]>([
  ["nothing measured", undefined, []],
  ["no speed", { firstTokenMs: 400 }, ["First token after 0.4 s."]],
  ["no first token", { loadMs: 3_000 }, ["3.0 s spent loading."]],
  ["nothing worth a word", { loadMs: 5 }, []],
])("%s", (_name, timing, sentences) => {
  expect(told((callId) => (callId === "one#1" && timing !== undefined ? { timing } : {}))).toEqual(sentences);
});
