import { describe, expect, it } from "vitest";
import { MassgenError } from "../core/errors.ts";
import { runStarted } from "../core/start-run.ts";
import type { EventLog } from "../log/event-log.ts";
import { createMemoryLog } from "../log/memory-log.ts";
import { createQueue } from "../models/queue/engine-queue.ts";
import { scriptedModel, type Lines } from "../testing/scripted-model.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import { Run } from "./run.ts";
import { resumeRun, startRun } from "./start-run.ts";

const agents = [{ id: "one", model: "m", rungs: ["schema"] }] as const;
const started = runStarted({ runId: "run", question: "Why?", agents, seed: 1, date: "2030-01-01" });

function world(lines: Lines, log: EventLog = createMemoryLog()) {
  const clock = virtualClock();
  const { model, calls } = scriptedModel("m", lines, { clock });
  const seated = {
    languageModel: model,
    name: "m",
    rungs: ["schema"],
    sampling: {},
    timeouts: { firstTokenMs: 600_000, stallMs: 120_000 },
    queue: createQueue({ slots: 1, sharing: "blocks" }),
  } as const;
  return { clock, calls, environment: { log, clock, models: new Map([["one", seated]]) } };
}

/** A memory log with some of its methods replaced. */
const logWith = (change: (log: EventLog) => Partial<EventLog>): EventLog => {
  const log = createMemoryLog();
  return { ...log, ...change(log) };
};

describe("a run whose log can no longer be written", () => {
  it("rejects, closes what is open, and writes nothing more, so that it can be resumed", async () => {
    const full = new MassgenError("disk", "The disk is full.");
    let isFull = false;
    const log = logWith((inner) => ({
      append: (...entry) => {
        if (isFull) throw full;
        return inner.append(...entry);
      },
    }));
    const { clock, environment } = world([{ text: "Because.", delayMs: 1_000 }], log);
    const run = startRun(environment, started);
    isFull = true;
    await expect(clock.runUntil(run.result)).rejects.toBe(full);
    isFull = false;
    const { length } = log.read("run");
    run.stop();
    expect(log.read("run")).toHaveLength(length);
    const again = world(["Because."], log);
    const resumed = resumeRun(again.environment, "run");
    if (!(resumed instanceof Run)) throw new Error("the run had not ended");
    expect(await again.clock.runUntil(resumed.result)).toMatchObject({ outcome: "single", answer: "Because." });
    expect(again.calls).toHaveLength(1);
  });

  it("an agent without a model is a bug, and loud", async () => {
    const { clock, environment } = world([]);
    const run = startRun({ ...environment, models: new Map() }, started);
    await expect(clock.runUntil(run.result)).rejects.toThrow("agent one has no model");
  });
});

describe("resume", () => {
  it("of a run that another process ended a moment ago yields its end and leaves it alone", async () => {
    const finished = createMemoryLog();
    const { clock, environment } = world(["Because."], finished);
    await clock.runUntil(startRun(environment, started).result);
    let claimed = false;
    let released = 0;
    const log = logWith(() => ({
      read: (runId) => (claimed ? finished.read(runId) : finished.read(runId).slice(0, 3)),
      claim: () => {
        claimed = true;
        return undefined;
      },
      release: () => (released += 1),
    }));
    expect(resumeRun({ ...environment, log }, "run")).toMatchObject({ type: "ended", ended: { answer: "Because." } });
    expect(released).toBe(1);
  });

  it("counts the prompt of a call that was under way, and nothing for one that waited in its queue", async () => {
    const { clock, environment } = world([{ hang: true }]);
    const run = startRun(environment, started);
    const begun = (async () => {
      for await (const frame of run.frames()) if (frame.type === "event" && frame.event.type === "call-started") return;
    })();
    await clock.runUntil(begun);
    const past = environment.log.read("run");
    const spent = ["call-requested", "call-started"].map((last) => {
      const log = createMemoryLog();
      const until = past.findIndex(({ type }) => type === last) + 1;
      for (const { seq: _seq, at, ...fact } of past.slice(0, until)) {
        log.append(last, [{ fact: fact.type === "run-started" ? { ...fact, runId: last } : fact }], at);
      }
      const resumed = resumeRun({ ...environment, log }, last);
      return resumed instanceof Run ? resumed.state?.usage.inputTokens : undefined;
    });
    expect(spent[0]).toBe(0);
    expect(spent[1]).toBeGreaterThan(10);
  });
});
