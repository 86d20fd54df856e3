import { describe, expect, it } from "vitest";
import type { RunEvent } from "../src/core/facts.ts";
import {
  type AskOptions,
  type Council,
  createCouncil,
  createMemoryLog,
  councilModel,
  type EventLog,
  type Frame,
  stateOf,
} from "../src/library/index.ts";
import { createExperience } from "../src/models/experience.ts";
import { scriptedModel, type Lines, type ScriptedModel } from "../src/testing/scripted-model.ts";
import type { ScriptedReply } from "../src/testing/scripted-reply.ts";
import { virtualClock } from "../src/testing/virtual-clock.ts";
import { ofType } from "./behaviours/council.ts";

const ballot = (choice: string, reason = "it is right"): string => JSON.stringify({ reason, choice });

/** A council of scripted models on a virtual clock, its seats called one, two, three, … */
function seat(scripts: readonly Lines[], options: { readonly log?: EventLog; readonly settings?: object } = {}) {
  const clock = virtualClock();
  const models: readonly ScriptedModel[] = scripts.map((lines, index) => scriptedModel(`m${index + 1}`, lines, { clock }));
  const ids = ["one", "two", "three", "four", "five"];
  const log = options.log ?? createMemoryLog();
  const council: Council = createCouncil({
    seats: models.map(({ model }, index) => ({ id: ids[index] ?? `s${index}`, model: councilModel(model, { name: `scripted/${index}` }) })),
    clock,
    log,
    ...(options.settings === undefined ? {} : { settings: options.settings }),
  });
  const ask = async (question = "Why is the sky blue?", asked: AskOptions = {}) => {
    const run = council.ask(question, { seed: 1, runId: "run", ...asked });
    const ended = await clock.runUntil(run.result);
    return { ended, events: log.read(run.runId) };
  };
  return { clock, council, log, models, ask };
}

// With seed 1 the first answer is labelled C, the second A, the third B.
const good = (choice = "C"): Lines => ["An answer.", ballot(choice)];

describe("a whole run", () => {
  it("answers, votes and presents, and every model is asked exactly what it expects", async () => {
    const { ask, models } = seat([
      [
        { expect: { format: "text", lacks: "<answer" }, reply: "Rayleigh scattering." },
        { expect: { format: "json", contains: '<answer name="C">' }, reply: ballot("C") },
        { expect: { format: "text", contains: "it is right" }, reply: "It is Rayleigh scattering." },
      ],
      ["Because of the sea.", ballot("C")],
      ["Blue paint.", { text: ballot("C"), delayMs: 5 }],
    ]);
    const { ended, events } = await ask();
    expect(ended).toMatchObject({ outcome: "consensus", answer: "It is Rayleigh scattering.", winner: "one", calls: 7, runId: "run" });
    for (const model of models) model.assertUsedUp();
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  });

  it("settles each request once, names its cause, and stores nothing that is not in the log", async () => {
    const { ask } = seat([good(), good(), good()]);
    const { events } = await ask();
    for (const settled of ofType(events, "call-settled")) {
      const request = ofType(events, "call-requested").filter(({ callId }) => callId === settled.callId);
      expect(request.map(({ seq }) => seq)).toEqual([settled.cause]);
    }
  });

  it("42. dropping every streamed delta changes no final view", async () => {
    const { council, clock, log } = seat([["A long answer.", ballot("C"), { text: "The final words.", chunks: 10 }], good(), good()]);
    const run = council.ask("Why?", { seed: 1 });
    const frames: Frame[] = [];
    const watching = (async () => {
      for await (const frame of run) frames.push(frame);
    })();
    await clock.runUntil(run.result);
    await watching;
    const seen = frames.flatMap((frame) => (frame.type === "event" ? [frame.event] : []));
    expect(frames.some(({ type }) => type === "delta")).toBe(true);
    expect(stateOf(seen)).toEqual(stateOf(log.read(run.runId)));
  });

  it("a reader that starts late or leaves early sees every event and holds nothing up", async () => {
    const { council, clock } = seat([good(), good(), [...(good() as readonly string[])]]);
    const run = council.ask("Why?", { seed: 1 });
    for await (const frame of run) if (frame.type === "event" && frame.event.seq === 3) break;
    const ended = await clock.runUntil(run.result);
    const seen: number[] = [];
    for await (const frame of run) if (frame.type === "event") seen.push(frame.event.seq);
    expect(seen).toHaveLength((ended as { seq?: number }).seq ?? 0);
  });

  it("cancels cleanly: an abort ends the run at once with the leading answer, also while a model hangs", async () => {
    const { council, clock } = seat([["An answer."], [{ hang: true, text: "half " }]]);
    const controller = new AbortController();
    const run = council.ask("Why?", { signal: controller.signal });
    clock.schedule(clock.now() + 5_000, () => controller.abort());
    expect(await clock.runUntil(run.result)).toMatchObject({ outcome: "stopped", answer: "An answer." });
  });

  it("a failing agent never stops the others, and all that failed are named", async () => {
    const { ask } = seat([[{ fail: { status: 401, body: { error: { message: "bad key" } } } }], good("C"), good("C")]);
    const { ended } = await ask();
    expect(ended).toMatchObject({
      outcome: "consensus",
      degraded: { of: 3, lost: [{ agent: "one", failure: { kind: "auth", status: 401 } }] },
    });
  });

  it("when all fail, the end says why for each", async () => {
    const refused = [{ fail: { status: 404, body: "no such model" } }];
    const { ended } = await seat([refused, refused]).ask();
    expect(ended).toMatchObject({ outcome: "failed", answer: null });
    expect(ended.degraded?.lost.map(({ agent }) => agent)).toEqual(["one", "two"]);
  });

  it("teaches on which rung each model's ballots could be read, and knows a model that was seen thinking before", async () => {
    const clock = virtualClock();
    const [one, two] = [createExperience({ thinks: true }), createExperience()];
    const said = "No choice in here.";
    const council = createCouncil({
      seats: [
        {
          id: "one",
          model: councilModel(scriptedModel("m1", ["An answer.", ballot("A"), "Words."], { clock }).model, { experience: one }),
        },
        {
          id: "two",
          model: councilModel(scriptedModel("m2", ["Another.", said, ballot("A"), "Words."], { clock }).model, {
            experience: two,
            name: "weak",
          }),
        },
      ],
      clock,
    });
    const run = council.ask("Why?", { seed: 1 });
    const ended = await clock.runUntil(run.result);
    expect(ended.outcome).toBe("consensus");
    const [started] = council.events(run.runId);
    expect(started).toMatchObject({ agents: [{ id: "one", thinks: true }, { id: "two" }] });
    expect([one.learned.rung, two.learned.rung]).toEqual(["schema", "tool"]);
  });

  it("41. two runs at once in one log never mix", async () => {
    const script = (name: string) => (options: { readonly responseFormat?: { readonly type: string } }) =>
      options.responseFormat?.type === "json" ? ballot("A") : `The answer of ${name}.`;
    const { council, clock, log } = seat([script("one"), script("two")]);
    const runs = [council.ask("First?", { runId: "r1" }), council.ask("Second?", { runId: "r2" })];
    await clock.runUntil(Promise.all(runs.map(({ result }) => result)));
    expect(ofType(log.read("r1"), "run-started")).toMatchObject([{ question: "First?" }]);
    expect(log.read("r2").map(({ seq }) => seq)).toEqual(log.read("r2").map((_, index) => index + 1));
  });

  it("secrets never reach the log, and so no other agent", async () => {
    const clock = virtualClock();
    const leaky = scriptedModel("leaky", ["My key is canary-secret-123.", ballot("A"), "done"], { clock });
    const other = scriptedModel("other", ["Fine.", ballot("A"), "done"], { clock });
    const log = createMemoryLog();
    const council = createCouncil({ seats: [{ model: leaky.model }, { model: other.model }], clock, log, secrets: ["canary-secret-123"] });
    const run = council.ask("Why?", { seed: 1 });
    await clock.runUntil(run.result);
    expect(JSON.stringify(log.read(run.runId))).not.toContain("canary-secret-123");
    expect(JSON.stringify(other.calls.map(({ prompt }) => prompt))).not.toContain("canary-secret-123");
  });
});

describe("resume", () => {
  /** The first `length` events of a run in a log of their own, as after a kill. */
  function killedAfter(events: readonly RunEvent[], length: number): EventLog {
    const log = createMemoryLog();
    for (const { seq: _seq, at, cause: _cause, ...fact } of events.slice(0, length)) log.append("run", [{ fact }], at);
    return log;
  }

  const VOTE = "vote for the first answer";
  const script: readonly (readonly ScriptedReply[])[] = [
    [{ text: "First.", delayMs: 100 }, VOTE, { text: "Final.", delayMs: 100 }],
    [{ fail: { status: 503, body: "busy" } }, "Second.", VOTE],
    ["Third.", VOTE],
  ];
  const from = (played: readonly number[]): readonly Lines[] =>
    script.map((lines, agent) => (options, index) => {
      const line = lines[index + (played[agent] ?? 0)];
      const label = /<answer name=\\"(\w)\\">\\nFirst\./u.exec(JSON.stringify(options.prompt))?.[1] ?? "";
      return line === VOTE ? { text: ballot(label), delayMs: agent === 2 ? 50 : 0 } : line;
    });

  it("35. goes on from any place, asks only what was not settled, and ends as the undisturbed run", async () => {
    const whole = await seat(from([0, 0, 0])).ask();
    for (let length = 1; length < whole.events.length; length++) {
      const log = killedAfter(whole.events, length);
      const settled = new Set(ofType(log.read("run"), "call-settled").map(({ callId }) => callId));
      const paid = ofType(log.read("run"), "call-requested").filter(({ callId }) => settled.has(callId));
      const played = ["one", "two", "three"].map((id) => paid.filter(({ agent }) => agent === id).length);
      const { council, clock, models } = seat(from(played), { log });
      const ended = await clock.runUntil(council.resume("run").result);
      expect(ended).toMatchObject({ outcome: "consensus", answer: "Final.", winner: "one" });
      for (const model of models) model.assertUsedUp();
      for (const [agent, { calls }] of models.entries())
        expect(calls.length).toBeLessThanOrEqual((script[agent]?.length ?? 0) - (played[agent] ?? 0));
    }
  });

  it("37. a run that is running is not resumed, one that has ended yields its end and pays nothing", async () => {
    const { council, clock } = seat([["An answer."]]);
    const run = council.ask("Why?", { runId: "live" });
    expect(() => council.resume("live")).toThrow(`Run "live" is being run by process ${process.pid}.`);
    const ended = await clock.runUntil(run.result);
    expect(await council.resume("live").result).toMatchObject({ answer: ended.answer, runId: "live" });
    expect(() => council.resume("nothing")).toThrow('There is no run "nothing".');
  });
});

describe("3.14: what used to spin for ever", () => {
  const calls = ({ models }: ReturnType<typeof seat>) => models.map((model) => model.calls.length);

  it("one agent's provider always refuses the key, the other is healthy", async () => {
    const council = seat([() => ({ fail: { status: 401 } }), good("C")]);
    await council.ask();
    expect(calls(council)).toEqual([1, 2]);
  });
  it("a backend raises an exception each time", async () => {
    const council = seat([() => ({ fail: new TypeError("boom") }), good("C")]);
    const { ended } = await council.ask();
    expect(calls(council)[0]).toBeLessThanOrEqual(3);
    expect(ended).toMatchObject({ outcome: "consensus", winner: "two" });
  });
  it("a single agent answers in text and never calls a tool", async () => {
    const council = seat([() => "Just text."]);
    expect((await council.ask()).ended).toMatchObject({ answer: "Just text.", outcome: "single" });
    expect(calls(council)).toEqual([1]);
  });
  it("an agent submits empty answers", async () => {
    const council = seat([(options) => (options.responseFormat?.type === "json" ? ballot("C") : ""), () => "Something."]);
    await council.ask();
    expect(calls(council)[0]).toBeLessThanOrEqual(3);
  });
  it("an agent always submits one more answer", async () => {
    let count = 0;
    const eager: Lines = (options) => (options.responseFormat?.type === "json" ? ballot("improve") : `Thought ${count++}.`);
    const council = seat([eager, eager]);
    const { ended } = await council.ask();
    expect(ended.outcome).toBe("consensus");
    expect(calls(council).reduce((total, made) => total + made)).toBeLessThanOrEqual(20);
  });
  it("every agent has a bad key", async () => {
    const council = seat([() => ({ fail: { status: 401 } }), () => ({ fail: { status: 403 } })]);
    expect((await council.ask()).ended.outcome).toBe("failed");
    expect(calls(council)).toEqual([1, 1]);
  });
});
