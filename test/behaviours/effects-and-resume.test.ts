import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../src/core/facts.ts";
import { simulateRun } from "../../src/testing/simulate-run.ts";
import { asked, ofType, perform, voteFor, type Script } from "./council.ts";

/** Dies at every place of the log, resumes, and gives back each resumed run. */
function resumedFromEverywhere(script: Script) {
  const whole = simulateRun({ behave: perform(script) });
  return whole.events.slice(1).map((_, index) => {
    const before = simulateRun({ behave: perform(script), dieAfter: index + 1 });
    const after = simulateRun({ past: before.events, behave: perform(script, before.events), goneForMs: 5_000 });
    return { whole, before, after };
  });
}

const retried = { draft: [{ fail: { kind: "overloaded", message: "busy", retryable: true } }, "The answer of two."] } as const;

describe("effects and resume", () => {
  it("35. killed anywhere and resumed, the run ends as an undisturbed one does; nothing settled is paid again", () => {
    const script: Script = {
      two: { ...retried, ballot: [voteFor("improve"), voteFor("better answer of two")] },
      three: { ballot: voteFor("better answer of two") },
    };
    for (const { whole, before, after } of resumedFromEverywhere(script)) {
      expect(after.ended).toMatchObject({ outcome: whole.ended?.outcome, winner: whole.ended?.winner });
      const paid = ofType(before.events, "call-settled").map(({ callId }) => callId);
      const open = before.state.openCalls.length;
      expect(after.calls.length).toBeLessThanOrEqual(whole.calls.length - paid.length + open);
      expect(new Set(ofType(after.events, "call-requested").map(({ callId }) => callId)).size).toBe(
        ofType(after.events, "call-requested").length,
      );
    }
  });

  it("35. a call that was being closed when its process died is not asked again", () => {
    const whole = simulateRun({
      agents: ["one"],
      input: { settings: { bounds: { agentMs: 5_000 } } },
      behave: perform({ one: { draft: { never: true } } }),
    });
    const closing = whole.events.findIndex(({ type }) => type === "call-cancelled");
    const { calls, ended } = simulateRun({ past: whole.events.slice(0, closing + 1), behave: perform({}) });
    expect(calls).toEqual([]);
    expect(ended).toMatchObject({ outcome: "failed", degraded: { lost: [{ why: "used up its time of 5 seconds" }] } });
  });

  it("36. resumed the next day: the clocks start anew, the run is not out of time", () => {
    const before = simulateRun({ behave: perform({}), dieAfter: 12 });
    const after = simulateRun({ past: before.events, behave: perform({}), goneForMs: 86_400_000 });
    expect(after.ended).toMatchObject({ outcome: "consensus" });
    expect(after.ended?.elapsedMs).toBeLessThan(60_000);
  });

  it("38. killed five times in the same call, the agent has still its attempts", () => {
    const failing: Script = {
      one: {
        draft: [{ fail: { message: "busy", retryable: true } }, { fail: { message: "busy", retryable: true } }, "The answer of one."],
      },
    };
    let past = simulateRun({ agents: ["one"], behave: perform({ one: { draft: { never: true } } }), dieAfter: 5 }).events;
    for (let kill = 0; kill < 4; kill++) {
      past = simulateRun({ past, agents: ["one"], behave: perform({ one: { draft: { never: true } } }), dieAfter: past.length + 5 }).events;
    }
    const { ended, state } = simulateRun({ past, behave: perform(failing) });
    expect(ended).toMatchObject({ outcome: "single", answer: "The answer of one." });
    expect(state.usage.inputTokens).toBeGreaterThan(50);
  });

  describe("39. rate limited", () => {
    const limited = (retryAfterMs?: number): Script => ({
      two: {
        draft: [
          {
            fail: { kind: "rate-limited", message: "slow down", retryable: true, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
          },
          "The answer of two.",
        ],
      },
    });
    const waits = (events: readonly RunEvent[]) =>
      ofType(events, "timer-requested")
        .filter(({ purpose }) => purpose === "retry")
        .map(({ until, at }) => until - at);
    it("with a short retry-after waits just that", () => {
      expect(waits(simulateRun({ behave: perform(limited(7_000)) }).events)).toEqual([7_000]);
    });
    it("asked to wait no time at all, waits as if not asked", () => {
      expect(waits(simulateRun({ behave: perform(limited(0)) }).events)[0]).toBeGreaterThanOrEqual(500);
    });
    it("with a day the agent is out of the wait and the run says why", () => {
      const { ended, events } = simulateRun({ behave: perform(limited(86_400_000)) });
      expect(waits(events)).toEqual([]);
      expect(ended?.degraded?.lost).toMatchObject([{ agent: "two", why: expect.stringContaining("1 day") }]);
    });
    it("with none waits exponentially with jitter from the seed", () => {
      const failing: Script = { two: { draft: { fail: { message: "busy", retryable: true } } } };
      const run = (seed: number) =>
        waits(
          simulateRun({ input: { seed, settings: { bounds: { attemptsPerCall: 6, failuresPerAgent: 6 } } }, behave: perform(failing) })
            .events,
        );
      const [first = 0, second = 0, third = 0] = run(1);
      expect(first).toBeGreaterThanOrEqual(500);
      expect(first).toBeLessThanOrEqual(1_500);
      expect(second / 2).toBeGreaterThanOrEqual(500);
      expect(third / 4).toBeLessThanOrEqual(1_500);
      expect(run(1)).toEqual(run(1));
      expect(run(1)).not.toEqual(run(2));
    });
  });

  it("a model that is being loaded costs no attempt and no failure, but not more than an agent's time", () => {
    const loading = { fail: { kind: "loading", message: "still loading", retryable: true, retryAfterMs: 5_000 }, afterMs: 10 } as const;
    const draft = [...Array.from({ length: 20 }, () => loading), "The answer of two."];
    const run = simulateRun({ agents: ["two"], behave: perform({ two: { draft } }) });
    expect(run.ended).toMatchObject({ outcome: "single", answer: "The answer of two.", degraded: null });
    expect(run.calls.every(({ request }) => request.attempt === 1)).toBe(true);
    const never = simulateRun({ agents: ["two"], behave: perform({ two: { draft: loading } }) });
    expect(never.ended).toMatchObject({
      outcome: "failed",
      degraded: { lost: [{ why: expect.stringContaining("not loaded within 10 minutes") }] },
    });
  });

  it("a model that has to be loaded again later is given its time again", () => {
    const loading = (afterMs: number) => ({ fail: { kind: "loading", message: "still loading", retryable: true }, afterMs }) as const;
    const slow = { text: "The answer of one.", afterMs: 40_000 };
    const script: Script = {
      one: { draft: slow, ballot: voteFor("answer of two") },
      two: { draft: [loading(10), "The answer of two."], ballot: [loading(8_000), voteFor("answer of one")] },
    };
    const { ended, events } = simulateRun({
      agents: ["one", "two"],
      input: { settings: { bounds: { agentMs: 45_000 } } },
      behave: perform(script),
    });
    expect(ended).toMatchObject({ outcome: "consensus", degraded: null });
    expect(ofType(events, "agent-out")).toEqual([]);
  });

  it("a ballot that makes the server fail twice is asked for in plain text the third time", () => {
    const broken = { fail: { kind: "server-error", message: "500", retryable: true } } as const;
    const behave = perform({});
    const { calls, ended } = simulateRun({ behave: (call) => (call.request.rung === "schema" ? broken : behave(call)) });
    expect(ended).toMatchObject({ outcome: "consensus", degraded: null });
    expect(
      calls.filter(({ request }) => request.agent === "one" && request.purpose === "ballot").map(({ request }) => request.rung),
    ).toEqual(["schema", "schema", "text"]);
  });

  it.each([
    ["bad-request", 400],
    ["auth", 401],
    ["auth", 403],
    ["not-found", 404],
    ["bad-request", 422],
  ] as const)("40. %s (%d) is never retried with the same request", (kind, status) => {
    const { calls, ended } = simulateRun({
      behave: perform({ two: { draft: { fail: { kind, status, message: "no", retryable: false } } } }),
    });
    expect(asked(calls).filter((call) => call.endsWith(" two"))).toEqual(["draft two"]);
    expect(ended?.degraded?.lost).toMatchObject([{ agent: "two", why: "no" }]);
  });

  it("40. a ballot that a server cannot take as a schema is asked for on the next rung, once for all agents of the model", () => {
    const agents = ["one", "two", "three"].map((id) => ({ id, model: "same", rungs: ["schema", "tool", "text"] as const }));
    const refuses = { fail: { kind: "bad-request", message: "response_format is not supported", retryable: false } } as const;
    const behave = perform({});
    const { calls, ended } = simulateRun({
      agents,
      behave: (call) => (call.request.rung === "schema" || call.request.rung === "tool" ? refuses : behave(call)),
    });
    expect(ended).toMatchObject({ outcome: "consensus", degraded: null });
    expect(
      calls.filter(({ request }) => request.agent === "one" && request.purpose === "ballot").map(({ request }) => request.rung),
    ).toEqual(["schema", "tool", "text"]);
  });
});
