import { afterEach, describe, expect, test } from "vitest";
import { createCouncil, type CouncilModel, createMemoryLog } from "../../src/library/index.ts";
import { type Clock, systemClock } from "../../src/models/clock.ts";
import { createLmStudio } from "../../src/models/engines/lmstudio/create-lmstudio.ts";
import { type SeatOptions, seatModel } from "../../src/models/engines/seat-model.ts";
import type { FakeLmStudioOptions } from "../../src/testing/fake-engines/lmstudio/options.ts";
import { startFakeLmStudio } from "../../src/testing/fake-engines/lmstudio/start-fake-lm-studio.ts";
import type { FakeEngine } from "../../src/testing/fake-engines/fake-engine.ts";
import { ofType } from "../behaviours/council.ts";

const never = new AbortController().signal;
const HURRY = 10;

/** Runs faster than the world, so that nobody waits for what a council waits for. */
function hurriedClock(): Clock {
  const clock = systemClock();
  return { now: () => clock.now() * HURRY, schedule: (at, wake) => clock.schedule(at / HURRY, wake) };
}

const fakes: FakeEngine[] = [];
afterEach(() => Promise.all(fakes.splice(0).map((fake) => fake.close())));

/** A council of three on two models, the first of which has two seats. */
async function ask(options: FakeLmStudioOptions, seats: SeatOptions) {
  const fake = await startFakeLmStudio({ models: ["a", "b"], loadMs: 5, ...options });
  fakes.push(fake);
  const engine = createLmStudio({ baseUrl: fake.origin, lms: { home: "/nowhere", path: "" } });
  const [a, b] = await engine.models(never);
  const models: CouncilModel[] = [];
  for (const model of [a, b]) if (model !== undefined) models.push(await seatModel(engine, model, seats, never));
  const log = createMemoryLog();
  const council = createCouncil({
    seats: [0, 1, 0].flatMap((index) => (models[index] === undefined ? [] : [{ model: models[index] }])),
    log,
    clock: hurriedClock(),
  });
  const result = await council.ask("Why is the sky blue?", { seed: 1 }).result;
  return { fake, result, events: log.read(result.runId) };
}

describe("a council on LM Studio", () => {
  test("of three agents on two models, loaded for it, each once", async () => {
    const { fake, result, events } = await ask({ jit: false }, { autoload: true, contextTokens: 8000 });
    expect(result).toMatchObject({ outcome: "consensus" });
    expect(ofType(events, "call-settled").map(({ outcome }) => outcome.type)).not.toContain("failed");
    expect([...fake.loads].toSorted((one, other) => one.localeCompare(other))).toEqual(["a", "b"]);
    expect(fake.paths.filter((path) => path.endsWith("/unload"))).toEqual([]);
  });

  test("where only one model fits: they take turns, and nothing is sent away while it answers", async () => {
    const { fake, result, events } = await ask({ jit: false, maxLoaded: 1, tokensPerSecond: 2000 }, { autoload: true, maxLoadedModels: 1 });
    expect(result).toMatchObject({ outcome: "consensus" });
    expect(ofType(events, "call-settled").map(({ outcome }) => outcome.type)).not.toContain("failed");
    expect(fake.loads.length).toBeLessThanOrEqual(3);
  });

  test("that may load nothing: what is not in memory is refused, and no request makes the engine load it after all", async () => {
    const { fake, result } = await ask({ models: [{ id: "a", loaded: true }, "b"] }, { autoload: false });
    expect(result).toMatchObject({ answer: expect.any(String), degraded: { lost: [{ agent: "agent2" }] } });
    expect(result.degraded?.lost[0]?.why).toMatch(/^b is not in the memory of LM Studio at \S+, and may not be loaded\. .*autoload: true/u);
    expect(fake.loads).toEqual([]);
  });

  test("where requests alone load: two such models take turns, since the second would send the first away in the middle of its answer", async () => {
    const { result, events } = await ask({ tokensPerSecond: 1000 }, {});
    expect(result).toMatchObject({ outcome: "consensus" });
    expect(ofType(events, "call-settled").map(({ outcome }) => outcome.type)).not.toContain("failed");
  });

  test("an eviction by somebody else costs that call, not the run", async () => {
    let evicted = false;
    const { fake, result, events } = await ask(
      {
        reply: ({ model }) => {
          if (evicted || model !== "a") return { text: '{"reason":"good","choice":"A"}' };
          evicted = true;
          setImmediate(() => fakes.at(-1)?.unload("a"));
          return { text: "one two", stallAfterTokens: 1 };
        },
      },
      { autoload: true },
    );
    expect(result.outcome).toMatch(/consensus|plurality|best/u);
    expect(ofType(events, "call-settled").filter(({ outcome }) => outcome.type === "failed")).toHaveLength(1);
    expect(fake.loads.filter((id) => id === "a")).toHaveLength(2);
  });
});
