import { describe, expect, it } from "vitest";
import { perform } from "../../test/behaviours/council.ts";
import { simulateRun } from "../testing/simulate-run.ts";
import { evolve, stateOf } from "./evolve.ts";
import type { Fact, RunEvent } from "./facts.ts";
import type { RunState } from "./state.ts";

const { events } = simulateRun({ agents: ["one", "two"], behave: perform({}) });
const started = events.slice(0, events.findIndex(({ type }) => type === "call-requested") + 2);
const before = stateOf(started) as RunState;

function told(fact: Fact, at = before.clock.now, state = before): RunState {
  return evolve(state, { ...fact, seq: state.seq + 1, at }) as RunState;
}

describe("evolve", () => {
  it("knows nothing before a run has started", () => {
    expect(evolve(undefined, { type: "user-stopped", seq: 1, at: 0 })).toBeUndefined();
    expect(stateOf([])).toBeUndefined();
  });

  it.each<readonly [string, Fact]>([
    ["a notice", { type: "notice", level: "info", text: "Hello." }],
    ["a kind of fact that nobody here knows", { type: "of-a-later-version" } as unknown as Fact],
    ["a second start", events[0] as RunEvent],
    ["the start of an unknown call", { type: "call-started", callId: "nobody#1" }],
    ["the settlement of an unknown timer", { type: "timer-settled", timerId: "t99", how: "fired" }],
    ["an agent that has no seat", { type: "agent-out", agent: "nobody", why: "gone" }],
  ])("%s changes nothing but the place in the log", (_name, fact) => {
    expect({ ...told(fact), seq: before.seq }).toEqual(before);
  });

  it("an older log, whose requests tell neither estimate nor what is left out, folds and ends as it did", () => {
    const old = events.map((event): RunEvent => {
      if (event.type !== "call-requested") return event;
      const { promptTokens: _estimate, leftOut: _leftOut, ...request } = event;
      return request;
    });
    const state = stateOf(old);
    expect(state?.ended).toEqual(stateOf(events)?.ended);
    expect(Object.values(state?.counting ?? {}).every(({ estimated }) => estimated === 0)).toBe(true);
  });

  it("a call settles once: what comes later changes nothing", () => {
    const usage = { inputTokens: 5, outputTokens: 5, cachedInputTokens: 3, reasoningTokens: 2, estimated: true };
    const settled: Fact = { type: "call-settled", callId: "one#1", outcome: { type: "interrupted", usage } };
    const once = told(settled);
    expect(once.usage).toEqual(usage);
    expect({ ...told(settled, before.clock.now, once), seq: once.seq }).toEqual(once);
  });

  it("time between two processes is nobody's, and a clock that was put back stands still", () => {
    const { now, elapsed } = before.clock;
    expect(told({ type: "run-resumed" }, now + 1_000).clock).toEqual({ now: now + 1_000, elapsed });
    expect(told({ type: "user-stopped" }, now - 1_000).clock).toEqual({ now: now - 1_000, elapsed });
    expect(told({ type: "user-stopped" }, now + 1_000).clock).toEqual({ now: now + 1_000, elapsed: elapsed + 1_000 });
  });

  it("the timer of a retry means nothing to an agent that does not wait", () => {
    const waiting = told({ type: "timer-requested", timerId: "t9", purpose: "retry", until: 0, agent: "one", callId: "other#1" });
    const fired = told({ type: "timer-settled", timerId: "t9", how: "fired" }, before.clock.now, waiting);
    expect(fired.agents).toEqual(before.agents);
  });
});
