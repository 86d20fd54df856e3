import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { currentAnswers } from "../src/core/answers.ts";
import { evolve, stateOf } from "../src/core/evolve.ts";
import { type RunEvent, runEventSchema } from "../src/core/facts.ts";
import { plan } from "../src/core/plan.ts";
import type { RunState } from "../src/core/state.ts";
import type { Simulated, SimulatedCall } from "../src/testing/simulate-run.ts";
import { usesOf } from "../src/core/tool-rounds.ts";
import { ofType } from "./behaviours/council.ts";
import { contextCase, countOf, playInContexts } from "./behaviours/small-contexts.ts";
import { council, playOut, tightBounds } from "./behaviours/misbehaving.ts";

/**
 * Every new answer opens a round at most; a round costs an agent its attempts three times over; a text may be continued once, and go on after
 * each call of a tool.
 */
function mostCalls({ agents, started }: RunState): number {
  const { answersPerAgent, attemptsPerCall, toolCallsPerAnswer } = started.settings.bounds;
  const rounds = agents.length * answersPerAgent + 1;
  const replies = started.agents.some(({ tools }) => tools !== undefined) ? toolCallsPerAnswer + 1 : 1;
  return agents.length * (rounds + 1) * attemptsPerCall * 3 * 2 * replies;
}

function expectSettledOnce({ events }: Simulated): void {
  const ids = (type: "call-requested" | "call-settled") => ofType(events, type).map(({ callId }) => callId);
  expect(ids("call-settled").toSorted()).toEqual(ids("call-requested").toSorted());
  expect(new Set(ids("call-requested")).size).toBe(ids("call-requested").length);
  const tools = (type: "tool-requested" | "tool-settled") => ofType(events, type).map(({ toolId }) => toolId);
  expect(tools("tool-settled").toSorted()).toEqual(tools("tool-requested").toSorted());
  expect(new Set(tools("tool-requested")).size).toBe(tools("tool-requested").length);
  const timers = (type: "timer-requested" | "timer-settled") => ofType(events, type).map(({ timerId }) => timerId);
  expect(timers("timer-settled").toSorted()).toEqual(timers("timer-requested").toSorted());
}

function expectWithinBounds({ events, state }: Simulated): void {
  const { runMs, answersPerAgent } = state.started.settings.bounds;
  expect(state.clock.elapsed).toBeLessThanOrEqual(runMs);
  const paid = ofType(events, "call-settled").filter(({ outcome }) => outcome.type !== "interrupted");
  expect(paid.length).toBeLessThanOrEqual(mostCalls(state));
  for (const { answersGiven } of state.agents) expect(answersGiven).toBeLessThanOrEqual(answersPerAgent);
}

function expectWellEnded(run: Simulated): void {
  expect(run.events.at(-1)?.type).toBe("run-ended");
  expectSettledOnce(run);
  expectWithinBounds(run);
  if (answered(run)) expect(run.ended?.answer).not.toBeNull();
}

/** Whether any agent ever gave an answer, whole or cut off, be it beside calls of tools. */
function answered({ events, state }: Simulated): boolean {
  return ofType(events, "call-settled").some(({ callId, outcome }) => {
    const isDraft = state.calls.get(callId)?.request.purpose === "draft";
    const isText = isDraft && outcome.type === "replied" && outcome.text.trim() !== "";
    return isText && (outcome.toolCalls.length === 0 || usesOf(state, callId).length > 0);
  });
}

/** The same conversation on the same terms: asking it again would pay twice for what was settled. */
function question({
  agent,
  purpose,
  attempt,
  continues,
  because,
  snapshot,
  mayImprove,
  rung,
  leftOut,
  tools,
}: SimulatedCall["request"]): string {
  return JSON.stringify({ agent, purpose, attempt, continues, because, snapshot, mayImprove, rung, leftOut, tools });
}

/** Whatever the models do. */
function holds(law: (run: Simulated) => void, numRuns = 150): void {
  fc.assert(
    fc.property(council, (one) => {
      law(playOut(one));
    }),
    { numRuns },
  );
}

const fraction = fc.double({ min: 0, max: 1, noNaN: true });
const cutAt = (events: readonly RunEvent[], where: number): readonly RunEvent[] =>
  events.slice(0, 1 + Math.floor(where * (events.length - 1)));

describe("laws of a run", () => {
  it("whatever the models do, a run ends, within its bounds, and with an answer if any agent ever gave one", () => {
    holds(expectWellEnded, 400);
  });

  it("so it does with bounds of any size, down to 1 each", () => {
    fc.assert(
      fc.property(council, tightBounds, (one, bounds) => expectWellEnded(playOut(one, {}, bounds))),
      { numRuns: 200 },
    );
  });

  it("a person may stop the run at any moment: it ends at once", () => {
    fc.assert(
      fc.property(council, fc.nat(300_000), (one, atMs) => {
        const run = playOut(one, { interventions: [{ atMs, fact: { type: "user-stopped" } }] });
        expectWellEnded(run);
        if (run.ended?.outcome === "stopped") expect(run.ended.elapsedMs).toBeLessThanOrEqual(atMs);
      }),
      { numRuns: 150 },
    );
  });

  it("an ended run has nothing left to plan", () => {
    holds(({ state }) => expect(plan(state)).toEqual([]), 50);
  });

  it("drafts and improvements are never interrupted by what others write", () => {
    holds(({ events }) => {
      const purposes = new Map(ofType(events, "call-requested").map(({ callId, purpose }) => [callId, purpose]));
      const others = new Map<string, string>([
        ["new-answer", "ballot"],
        ["decided", "ballot"],
        ["overdue", "draft"],
      ]);
      const closed = ofType(events, "call-cancelled").filter(({ why }) => others.has(why));
      for (const { callId, why } of closed) expect(purposes.get(callId)).toBe(others.get(why));
    });
  });

  it("who is out is asked nothing any more", () => {
    holds(({ events }) => {
      const out = new Map(ofType(events, "agent-out").map(({ agent, seq }) => [agent, seq]));
      for (const { agent, seq } of ofType(events, "call-requested")) expect(out.get(agent) ?? Infinity).toBeGreaterThan(seq);
    });
  });

  it("the same is asked again only after a wait", () => {
    holds(({ events }) => {
      const waits = ofType(events, "timer-requested").flatMap(({ purpose, callId }) => (purpose === "retry" ? [callId] : []));
      const askedBefore = new Map<string, string>();
      const repeated = ofType(events, "call-requested").flatMap((request) => {
        const same = question({ ...request, attempt: 1 });
        const before = askedBefore.get(same) ?? [];
        askedBefore.set(same, request.callId);
        return request.attempt > 1 ? before : [];
      });
      expect(waits).toEqual(expect.arrayContaining(repeated));
    });
  });
});

describe("laws of tools", () => {
  const callsIn = ({ state }: Simulated, callId: string) => {
    const outcome = state.calls.get(callId)?.outcome;
    return outcome?.type === "replied" ? outcome.toolCalls : [];
  };

  it("ballots have none, what writes is the presenter's or that of one agent alone", () => {
    holds(({ calls, state }) => {
      const offers = (purpose: string) =>
        calls.filter(({ request }) => request.purpose === purpose).flatMap(({ request }) => request.tools ?? []);
      expect(offers("ballot")).toEqual([]);
      if (state.agents.length > 1) expect([...offers("draft"), ...offers("improvement")]).not.toContain("save");
    });
  });

  it("only what was offered is carried out, as the reply called it", () => {
    holds((run) => {
      for (const { callId, name, input, toolCallId } of ofType(run.events, "tool-requested")) {
        expect(run.state.calls.get(callId)?.request.tools).toContain(name);
        expect(callsIn(run, callId)).toContainEqual({ id: toolCallId, name, input });
      }
    });
  });

  it("no more of them are carried out for an answer than are allowed, and the same at most twice", () => {
    holds((run) => {
      const beginningOf = (callId: string): string => {
        const { continues, purpose } = run.state.calls.get(callId)?.request ?? {};
        const before = continues === undefined ? undefined : run.state.calls.get(continues)?.request;
        return before?.purpose === purpose && continues !== undefined ? beginningOf(continues) : callId;
      };
      const made = Map.groupBy(ofType(run.events, "tool-requested"), ({ callId }) => beginningOf(callId));
      for (const uses of made.values()) {
        expect(uses.length).toBeLessThanOrEqual(run.state.started.settings.bounds.toolCallsPerAnswer);
        const same = Map.groupBy(uses, ({ name, input }) => `${name} ${input}`);
        for (const { length } of same.values()) expect(length).toBeLessThanOrEqual(2);
      }
    });
  });

  it("every call of a reply is answered where the conversation goes on, whatever became of it", () => {
    holds(({ calls }) => {
      for (const { prompt } of calls) {
        prompt.messages.forEach((message, index) => {
          if (message.role !== "assistant" || message.toolCalls === undefined) return;
          const answers = prompt.messages[index + 1];
          expect(answers?.role === "tool" && answers.results.map(({ id }) => id)).toEqual(message.toolCalls.map(({ id }) => id));
        });
      }
    });
  });

  it("what they give cannot end a turn, forge a fence or break a character", () => {
    holds(({ calls }) => {
      for (const { prompt } of calls) {
        const results = prompt.messages.flatMap((message) => (message.role === "tool" ? message.results.map(({ text }) => text) : []));
        for (const text of results) {
          expect(text).not.toMatch(/<\|im_|<\/?answer/u);
          expect(text.isWellFormed()).toBe(true);
        }
      }
    });
  });
});

describe("laws of contexts", () => {
  /** The prompts of a model that has shown how it counts, on a text that is longer than what templates add. */
  const isKnown = ({ request, state }: SimulatedCall): boolean =>
    (state.counting[state.agents.find(({ agent }) => agent.id === request.agent)?.agent.model ?? ""]?.estimated ?? 0) >= 400;
  const hasMore = ({ request, state }: SimulatedCall): boolean =>
    (request.leftOut?.messages ?? 0) < state.started.history.length - 1 && request.continues === undefined;

  it("whatever contexts there are and however models count, a run ends, and with an answer if any agent ever gave one", () => {
    fc.assert(
      fc.property(contextCase, (one) => expectWellEnded(playInContexts(one))),
      { numRuns: 300 },
    );
  });

  it("nothing is sent that is longer than the context by the model's own count as far as that is known, unless nothing more can be left out", () => {
    fc.assert(
      fc.property(contextCase, (any) => {
        const seats = any.seats.map((seat) => ({ ...seat, isTrue: 1, tells: "both", told: seat.told ?? 2_048 }) as const);
        const one = { ...any, seats };
        const { calls } = playInContexts(one);
        for (const call of calls.filter((call) => isKnown(call) && hasMore(call))) {
          const { tokens, context } = countOf(one, call);
          expect(tokens).toBeLessThanOrEqual(context);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("who is refused is asked again with less, or with less to write", () => {
    fc.assert(
      fc.property(contextCase, (one) => {
        const { events, calls } = playInContexts(one);
        const refused = new Set(
          ofType(events, "call-settled").flatMap(({ callId, outcome }) => (outcome.type === "failed" ? [callId] : [])),
        );
        for (const { request } of calls.filter(({ request }) => refused.has(request.callId))) {
          const next = calls.find((call) => call.request.agent === request.agent && call.request.attempt === request.attempt + 1);
          const size = (of: SimulatedCall["request"]): number => (of.promptTokens ?? 0) * 100_000 + of.maxOutputTokens;
          if (next?.request.purpose === request.purpose) expect(size(next.request)).toBeLessThan(size(request));
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe("laws of the tally", () => {
  it("counts each ballot once, over answers that stand, by voters who had seen them all", () => {
    holds(({ events, ended }) => {
      if (ended?.tally == null) return;
      const { ballots, standings } = ended.tally;
      const refs = standings.map(({ label, version }) => ({ label, version }));
      const byLabel = <Ref extends { readonly label: string }>(list: readonly Ref[]) =>
        list.toSorted((one, other) => one.label.localeCompare(other.label));
      expect(new Set(ballots.map(({ agent }) => agent)).size).toBe(ballots.length);
      for (const { callId, choice } of ballots) {
        const cast = ofType(events, "vote-cast").filter((vote) => vote.callId === callId);
        expect(cast).toHaveLength(1);
        expect(byLabel(cast[0]?.snapshot ?? [])).toEqual(byLabel(refs));
        expect(refs).toContainEqual(choice);
      }
    });
  });

  it("its sums are those of its ballots, its winner is an author of its top, and the result is the top's unless somebody worded it", () => {
    holds(({ ended, state }) => {
      if (ended?.tally == null) return;
      const { ballots, standings, winner } = ended.tally;
      for (const { label, votes } of standings) {
        const cast = ballots.filter(({ choice }) => choice.label === label).map(({ weight }) => weight);
        expect(votes).toBe(cast.reduce((total, weight) => total + weight, 0));
      }
      expect(standings.map(({ votes }) => votes)).toEqual(standings.map(({ votes }) => votes).toSorted((one, other) => other - one));
      const [top] = standings;
      expect(top?.authors).toContain(winner);
      expect(ended.winner).toBe(winner);
      const won = state.answers.find(({ ref }) => ref.label === top?.label && ref.version === top.version);
      if (ended.presenter === null) expect(ended.answer).toBe(won?.text);
    });
  });

  it("an agent has one current answer at most, and no answer is without an author", () => {
    holds(({ state }) => {
      const authors = currentAnswers(state).flatMap((answer) => answer.authors);
      expect(new Set(authors).size).toBe(authors.length);
      for (const answer of currentAnswers(state)) expect(answer.authors.length).toBeGreaterThan(0);
    });
  });
});

describe("laws of the log", () => {
  it("from every prefix of its log a resumed run ends, and pays nothing settled again, also when the models change their minds", () => {
    fc.assert(
      fc.property(council, council, fraction, (one, other, where) => {
        const past = cutAt(playOut(one).events, where);
        const resumed = playOut({ ...other, agents: one.agents, seed: one.seed }, { past, goneForMs: 3_600_000 });
        if (past.at(-1)?.type === "run-ended") return;
        expectWellEnded(resumed);
        const settled = new Map(ofType(past, "call-settled").map(({ callId, outcome }) => [callId, outcome.type]));
        const replied = ofType(past, "call-requested").filter(({ callId }) => settled.get(callId) === "replied");
        const paid = new Set(replied.map(question));
        for (const { request } of resumed.calls) expect(paid.has(question(request))).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it("killed again and again, a run stays within its calls and ends", () => {
    fc.assert(
      fc.property(
        council,
        fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 12 }),
        fc.integer({ min: -9e6, max: 9e6 }),
        (one, steps, gone) => {
          let past: readonly RunEvent[] = [];
          for (const step of steps) {
            const { events, ended } = playOut(one, { past, dieAfter: past.length + step, goneForMs: gone });
            if (ended !== undefined) return;
            past = events;
          }
          expectWellEnded(playOut(one, { past, goneForMs: gone }));
        },
      ),
      { numRuns: 100 },
    );
  });

  it("folding is total: an event anywhere, twice or out of place never throws and never undoes the start", () => {
    fc.assert(
      fc.property(council, fc.array(fc.nat(), { maxLength: 30 }), (one, picks) => {
        const { events } = playOut(one);
        let state = evolve(undefined, events[0] as RunEvent);
        for (const pick of picks) state = evolve(state, events[pick % events.length] as RunEvent);
        expect(state?.agents).toHaveLength(one.agents);
      }),
      { numRuns: 100 },
    );
  });

  it("every event is what its schema says; read back, a log folds to the same state and the same plan, at every place", () => {
    fc.assert(
      fc.property(council, fraction, (one, where) => {
        const past = cutAt(playOut(one).events, where);
        const live = stateOf(past);
        const read = stateOf(past.map((event) => runEventSchema.parse(JSON.parse(JSON.stringify(event)))));
        expect(read).toEqual(live);
        if (live !== undefined && read !== undefined) expect(plan(read)).toEqual(plan(live));
      }),
      { numRuns: 60 },
    );
  });
});

describe("laws of the prompts", () => {
  /** All but what the model said itself. */
  const given = ({ prompt }: SimulatedCall): string =>
    prompt.messages.map((message) => (message.role === "user" ? message.text : "")).join("\n");

  it("messages fit every chat template: one system message first, then strictly alternating, never the assistant last", () => {
    holds(({ calls }) => {
      for (const { prompt } of calls) {
        const roles = prompt.messages.map(({ role }) => role).join(" ");
        expect(roles).toMatch(/^system user( assistant (user|tool))*$/u);
      }
    });
  });

  it("no prompt names an agent or a model", () => {
    holds(({ calls }) => {
      for (const { prompt } of calls) expect(JSON.stringify(prompt)).not.toMatch(/seat-\d|model of/u);
    }, 60);
  });

  it("no forged fence, control token or half character of one agent reaches another", () => {
    holds(({ calls }) => {
      for (const call of calls) {
        const text = given(call);
        const fences = text.match(/<\/?(?:answer name|answer(?= *>)|question)/gu)?.join(" ") ?? "";
        if (call.request.purpose === "draft") expect(fences).toBe("");
        else expect(fences).toMatch(/^<question <\/question(?: <answer name <\/answer)+$/u);
        expect(text).not.toContain("<|im_");
        expect(text.isWellFormed()).toBe(true);
      }
    });
  });

  it("what all readers of a snapshot see is the same to the byte", () => {
    holds(({ calls }) => {
      const heads = new Map<string, string>();
      for (const call of calls) {
        if (call.request.purpose !== "ballot" || call.request.continues !== undefined) continue;
        const text = given(call);
        const key = call.request.snapshot.map(({ label, version }) => `${label}${version}`).join();
        const head = text.slice(0, text.lastIndexOf("</answer>"));
        expect(heads.get(key) ?? head).toBe(head);
        heads.set(key, head);
      }
    }, 60);
  });

  it("a ballot offers the labels shown, once each, and improve only to whom may still answer", () => {
    holds(({ calls }) => {
      for (const { request, prompt, state } of calls) {
        if (request.purpose !== "ballot") continue;
        const answersGiven = state.agents.find(({ agent }) => agent.id === request.agent)?.answersGiven ?? 0;
        const labels = request.snapshot.map(({ label }) => label);
        expect(prompt.ballot?.choices.filter((choice) => choice !== "improve").toSorted()).toEqual(labels.toSorted());
        if (answersGiven >= state.started.settings.bounds.answersPerAgent) expect(prompt.ballot?.choices).not.toContain("improve");
      }
    }, 60);
  });
});
