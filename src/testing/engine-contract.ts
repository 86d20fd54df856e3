import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Message } from "../core/messages.ts";
import { failureOf } from "../models/failure-of.ts";
import type { Engine, EngineModel, Sourced } from "../models/engines/engine.ts";
import type { TestHooks } from "./event-log-contract.ts";
import { describeLanguageModel } from "./model-contract.ts";

export interface EngineContract {
  /** The engine under test, running; the same one may be handed out again. */
  readonly makeEngine: () => Engine | Promise<Engine>;
  /** The same kind of engine at an address where nothing listens. */
  readonly makeAbsent?: () => Engine | Promise<Engine>;
  /** A model it has, small and able to answer. */
  readonly model: string;
  /** How soon an abort has to show, in milliseconds; 2,000 by default. */
  readonly abortWithinMs?: number;
  /** Whether its model may be unloaded and loaded again, where the engine can. */
  readonly mayUnload?: boolean;
}

const never = new AbortController().signal;
/** A probe promises 500 ms; the rest is the machine's. */
const PROBE_WITHIN_MS = 900;

/** What the council relies on in an engine, as tests in the given runner. */
export function describeEngine(hooks: TestHooks, name: string, contract: EngineContract): void {
  const { describe, it } = hooks;
  const made = async (): Promise<{ readonly engine: Engine; readonly model: EngineModel }> => {
    const engine = await contract.makeEngine();
    const model = (await engine.models(never)).find(({ id }) => id === contract.model);
    assert.ok(model !== undefined, `${engine.name} lists ${contract.model}`);
    return { engine, model };
  };

  describe(`${name} keeps the contract of an engine`, () => {
    it("shows that it is there, in time", async () => {
      const engine = await contract.makeEngine();
      const probe = await Promise.race([engine.probe(never), sleep(PROBE_WITHIN_MS, "late")]);
      assert.equal(typeof probe === "string" ? probe : probe.type, "ready");
    });

    if (contract.makeAbsent !== undefined) {
      const { makeAbsent } = contract;
      it("says that nothing is there", async () => {
        const engine = await makeAbsent();
        const probe = await engine.probe(never);
        assert.equal(probe.type, "down");
        assertOneLine(probe.type === "down" ? probe.failure.message : "");
      });
    }

    it("is never taken for healthy when the look at it was cut off", async () => {
      const engine = await contract.makeEngine();
      const { type } = await engine.probe(AbortSignal.abort(new DOMException("late", "TimeoutError")));
      assert.notEqual(type, "ready");
    });

    it("describes its models, each value with its source", async () => {
      const engine = await contract.makeEngine();
      const models = await engine.models(never);
      assert.equal(new Set(models.map(({ id }) => id)).size, models.length, "ids are unique");
      for (const { id: _id, ...facts } of models) for (const fact of Object.values(facts)) assertSourced(fact);
    });

    it("has slots, and a context for calls", async () => {
      const { engine, model } = await made();
      const { slots, poolTokens } = await engine.slots(model, never);
      assertSourced(slots);
      assert.ok(Number.isInteger(slots.value) && slots.value >= 1, `${slots.value} is a number of slots`);
      if (poolTokens !== undefined) assertSourced(poolTokens);
      const [all, some] = [engine.contextOf(model, undefined), engine.contextOf(model, 512)];
      assert.ok(all === undefined || all >= 512, `${all} is a context`);
      assert.ok(some === undefined || some === 512, "a smaller context can be asked for");
    });

    it("gives advice in sentences", async () => {
      const engine = await contract.makeEngine();
      for (const sentence of await engine.advice(never)) assertSentence(sentence);
    });

    it("loads what is loaded without a word", async () => {
      const { engine, model } = await made();
      if (engine.load === undefined || model.loaded?.value !== true) return;
      for await (const _ of engine.load(model.id, {}, never)) assert.fail("nothing had to be loaded");
    });

    if (contract.mayUnload === true) {
      it("unloads and loads", async () => {
        const { engine, model } = await made();
        assert.ok(engine.load !== undefined && engine.unload !== undefined, "it can load and unload");
        await engine.unload(model.id, never);
        assert.equal((await made()).model.loaded?.value, false);
        let reports = 0;
        for await (const { fraction = 0 } of engine.load(model.id, {}, never)) {
          reports += 1;
          assert.ok(fraction >= 0 && fraction <= 1, `${fraction} is a part of a load`);
        }
        assert.ok(reports > 0, "a load is reported");
        assert.equal((await made()).model.loaded?.value, true);
      });
    }

    it("refuses to load or fetch what does not exist, in a sentence", async () => {
      const engine = await contract.makeEngine();
      for (const work of [engine.load?.("no/such-model", {}, never), engine.pull?.("no/such-model", never)]) {
        if (work !== undefined) assertOneLine(await refusalOf(work, engine.name));
      }
    });

    it("counts more tokens for more text", async () => {
      const { engine } = await made();
      if (engine.countTokens === undefined) return;
      const [short, long] = await Promise.all([1, 40].map(async (times) => engine.countTokens?.(contract.model, ask(times), never)));
      assert.ok(short !== undefined && long !== undefined && short > 0 && long > short, `${short} and ${long} are counts`);
    });

    it("has a way to ask for ballots", async () => {
      const { engine, model } = await made();
      assert.ok(engine.rungs(model).length > 0);
    });
  });

  describeLanguageModel(hooks, name, {
    makeModel: async () => (await contract.makeEngine()).languageModel(contract.model, {}),
    schema: true,
    usage: true,
    ...(contract.abortWithinMs === undefined ? {} : { abortWithinMs: contract.abortWithinMs }),
  });
}

function ask(times: number): readonly Message[] {
  return [{ role: "user", text: "Why is the sky blue? ".repeat(times) }];
}

async function refusalOf(work: AsyncIterable<unknown>, where: string): Promise<string> {
  try {
    for await (const _ of work);
  } catch (error) {
    return failureOf(error, where, 0).message;
  }
  return assert.fail("it should have refused");
}

function assertSourced(fact: Sourced<unknown>): void {
  assert.notEqual(fact.value, undefined);
  assert.notEqual(fact.source, "", "a value has a source");
}

function assertSentence(text: string): void {
  assert.match(text, /^\S[^\n]*[.!?…]$/u, "one sentence on one line");
}

/** A failure may end with the words of the engine itself. */
function assertOneLine(text: string): void {
  assert.match(text, /^\S[^\n]+$/u, "one line that says what is wrong");
}
