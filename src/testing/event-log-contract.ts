import assert from "node:assert/strict";
import type { Fact, FactOf } from "../core/facts.ts";
import { LOG_VERSION } from "../core/facts/run.ts";
import type { EventLog, Owner } from "../log/event-log.ts";

/** What a test runner offers: `node:test`, vitest and others fit. */
export interface TestHooks {
  readonly describe: (name: string, body: () => void) => void;
  readonly it: (name: string, body: () => Promise<void>) => void;
}

/**
 * What every event log holds to.
 * @param name of the log in the report
 * @param open makes a new, empty log for each test; the suite closes it
 */
export function describeEventLog({ describe, it }: TestHooks, name: string, open: () => EventLog | Promise<EventLog>): void {
  const cases: Readonly<Record<string, (log: EventLog) => void>> = { ...appending, ...keepingWhole, ...listing, ...owning };
  describe(name, () => {
    for (const [title, check] of Object.entries(cases)) {
      it(title, async () => {
        const log = await open();
        try {
          check(log);
        } finally {
          log.close();
        }
      });
    }
  });
}

/** A whole `run-started`, to put anything else behind. */
export function exampleRunStarted(runId: string, question = "Why is the sky blue?"): FactOf<"run-started"> {
  return {
    type: "run-started",
    version: LOG_VERSION,
    runId,
    question,
    history: [{ role: "user", text: "Hello" }],
    agents: [{ id: "ada", model: "example", rungs: ["schema", "text"] }],
    settings: {
      strategy: "consensus",
      finalAnswer: "winner_present",
      voting: { rule: "plurality", selfVotes: "count" },
      bounds: {
        answersPerAgent: 2,
        attemptsPerCall: 3,
        failuresPerAgent: 3,
        agentMs: 600_000,
        runMs: 1_800_000,
        runTokens: 200_000,
        toolCallsPerAnswer: 25,
        toolMs: 60_000,
      },
      prompts: {},
    },
    seed: 7,
    labels: ["A"],
    date: "2025-01-31",
    setup: { source: "council.yaml", nested: { list: [1, null, true, "x"] } },
  };
}

const notice = (text: string): FactOf<"notice"> => ({ type: "notice", level: "info", text });

const ended: Fact = {
  type: "run-ended",
  outcome: "single",
  answer: "Scattering.",
  truncated: false,
  winner: "ada",
  presenter: null,
  tally: null,
  degraded: null,
  usage: { inputTokens: 1, outputTokens: 2, estimated: false },
  elapsedMs: 12.5,
  calls: 1,
};

const start = (log: EventLog, runId: string, at = 1000): void => {
  log.append(runId, [{ fact: exampleRunStarted(runId) }], at);
};

type Cases = Readonly<Record<string, (log: EventLog) => void>>;

const appending: Cases = {
  "numbers the events of a run from 1, across appends": (log) => {
    start(log, "one");
    log.append("one", [{ fact: notice("a") }, { fact: notice("b") }], 1001);
    log.append("one", [{ fact: notice("c") }], 1002.25);
    assert.deepEqual(
      log.read("one").map(({ seq, at, type }) => [seq, at, type]),
      [
        [1, 1000, "run-started"],
        [2, 1001, "notice"],
        [3, 1001, "notice"],
        [4, 1002.25, "notice"],
      ],
    );
  },
  "gives back from append what read gives": (log) => {
    const added = [
      ...log.append("one", [{ fact: exampleRunStarted("one") }, { fact: notice("a"), cause: 1 }], 1000),
      ...log.append("one", [{ fact: ended, cause: 2 }], 1001),
    ];
    assert.deepEqual(added, log.read("one"));
    assert.deepEqual(JSON.stringify(added), JSON.stringify(log.read("one")));
    assert.deepEqual(added[0], { ...exampleRunStarted("one"), seq: 1, at: 1000 });
  },
  "reads only what comes after a given event": (log) => {
    start(log, "one");
    log.append("one", [{ fact: notice("a") }, { fact: notice("b") }], 1001);
    assert.deepEqual(
      log.read("one", 2).map(({ seq }) => seq),
      [3],
    );
    assert.deepEqual(log.read("one", 3), []);
    assert.deepEqual(log.read("one", 99), []);
  },
  "keeps the cause, and its absence": (log) => {
    log.append("one", [{ fact: exampleRunStarted("one") }, { fact: notice("a"), cause: 1 }], 1000);
    const [first, second] = log.read("one");
    assert.equal(first !== undefined && "cause" in first, false);
    assert.equal(second?.cause, 1);
  },
  "knows nothing of an unknown run": (log) => {
    assert.deepEqual(log.read("nobody"), []);
    assert.deepEqual(log.append("nobody", [], 1000), []);
    assert.deepEqual(log.list(), []);
  },
  "is not changed by what becomes of the facts it was given": (log) => {
    const fact = { type: "notice", level: "info", text: "before" } as { type: "notice"; level: "info"; text: string };
    log.append("one", [{ fact: exampleRunStarted("one") }, { fact }], 1000);
    fact.text = "after";
    assert.deepEqual(log.read("one", 1), [{ ...notice("before"), seq: 2, at: 1000 }]);
  },
  "41: two runs at once never mix": (log) => {
    start(log, "one", 1000);
    start(log, "two", 1001);
    for (let turn = 0; turn < 10; turn += 1) {
      log.append("one", [{ fact: notice(`one ${turn}`) }], 1002 + turn);
      log.append("two", [{ fact: notice(`two ${turn}`) }, { fact: notice("two more") }], 1002 + turn);
    }
    for (const [runId, events] of [
      ["one", 11],
      ["two", 21],
    ] as const) {
      const read = log.read(runId);
      assert.deepEqual(
        read.map(({ seq }) => seq),
        Array.from({ length: events }, (_, index) => index + 1),
      );
      assert.ok(read.slice(1).every((event) => event.type === "notice" && event.text.startsWith(runId)));
    }
  },
};

const keepingWhole: Cases = {
  "keeps nothing of a batch of which one entry cannot be kept": (log) => {
    start(log, "one");
    const before = [log.read("one"), log.list()];
    const unfit = [
      { ...notice("x"), level: "loud" } as unknown as Fact,
      { ...ended, elapsedMs: Number.NaN } as Fact,
      exampleRunStarted("one"),
    ];
    for (const fact of unfit) {
      assert.throws(() => log.append("one", [{ fact: notice("fine") }, { fact }, { fact: notice("fine") }], 1001));
      assert.deepEqual([log.read("one"), log.list()], before);
    }
    assert.equal(log.append("one", [{ fact: notice("next") }], 1002)[0]?.seq, 2);
  },
  "lets a run begin with nothing but its own run-started": (log) => {
    assert.throws(() => log.append("one", [{ fact: notice("too early") }], 1000));
    assert.throws(() => log.append("one", [{ fact: exampleRunStarted("two") }], 1000));
    assert.deepEqual(log.list(), []);
  },
  "keeps every text as it is": (log) => {
    const texts = [
      "",
      "\u0000 in the middle \u0000",
      "Zoë 日本語 👩🏽‍🚀 \u2028 \u202e",
      "half a pair: \ud83d",
      "line\r\nline\n",
      `'"\\ %s ? $1`,
    ];
    log.append("one", [{ fact: exampleRunStarted("one", texts.join("|")) }, ...texts.map((text) => ({ fact: notice(text) }))], 1000);
    assert.deepEqual(
      log.read("one", 1).map((event) => event.type === "notice" && event.text),
      texts,
    );
    assert.equal(log.list()[0]?.question, texts.join("|"));
  },
  "keeps a text of 5 MB": (log) => {
    const text = "ab 日\n".repeat(1_000_000);
    start(log, "one");
    log.append("one", [{ fact: notice(text) }], 1001);
    const [event] = log.read("one", 1);
    assert.ok(event?.type === "notice" && event.text === text);
  },
};

const listing: Cases = {
  "lists runs, the newest first, with how they stand": (log) => {
    start(log, "older", 1000);
    start(log, "newest", 3000);
    start(log, "newer", 2000);
    log.append("older", [{ fact: notice("a") }, { fact: ended }], 4000.5);
    log.claim("newer", { pid: 12, started: "x" }, () => true);
    log.claim("never started", { pid: 12, started: "x" }, () => true);
    const common = { question: "Why is the sky blue?" };
    assert.deepEqual(log.list(), [
      { ...common, runId: "newest", startedAt: 3000, lastAt: 3000, events: 1 },
      { ...common, runId: "newer", startedAt: 2000, lastAt: 2000, events: 1, owner: { pid: 12, started: "x" } },
      { ...common, runId: "older", startedAt: 1000, lastAt: 4000.5, events: 3, outcome: "single" },
    ]);
  },
  "lists of two runs that began at once the later one first": (log) => {
    start(log, "z", 1000);
    start(log, "a", 1000);
    assert.deepEqual(
      log.list().map(({ runId }) => runId),
      ["a", "z"],
    );
  },
};

const first: Owner = { pid: 100, started: "boot:1" };
const second: Owner = { pid: 100, started: "boot:2" };
const never = (): boolean => assert.fail("nobody is in the way, so nobody's life matters");

const owning: Cases = {
  "37: refuses a run with a live owner, naming it": (log) => {
    start(log, "one");
    assert.equal(log.claim("one", first, never), undefined);
    assert.deepEqual(
      log.claim("one", second, (other) => other.started === first.started),
      first,
    );
    assert.deepEqual(log.list()[0]?.owner, first);
    assert.equal(log.claim("two", second, never), undefined);
  },
  "hands a run whose owner died to the next": (log) => {
    start(log, "one");
    log.claim("one", first, never);
    assert.equal(
      log.claim("one", second, () => false),
      undefined,
    );
    assert.deepEqual(log.list()[0]?.owner, second);
  },
  "lets the owner claim again": (log) => {
    log.claim("one", first, never);
    assert.equal(log.claim("one", { ...first }, never), undefined);
  },
  "is given up by its owner alone": (log) => {
    start(log, "one");
    log.claim("one", first, never);
    log.release("one", second);
    log.release("nobody", second);
    assert.deepEqual(log.list()[0]?.owner, first);
    log.release("one", { ...first });
    assert.equal(log.list()[0]?.owner, undefined);
    assert.equal(log.claim("one", second, never), undefined);
  },
};
