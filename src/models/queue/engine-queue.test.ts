import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createEngineQueue, createQueue, type EngineQueue } from "./engine-queue.ts";
import type { Capacity, Place, Queue, Wanted } from "./queue.ts";

const never = new AbortController().signal;
const any = { tokens: 1 };

async function turn(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Which of the calls hold a place, after everything that can happen has happened. */
async function holders(acquired: readonly Promise<Place>[]): Promise<readonly number[]> {
  const holding: number[] = [];
  acquired.forEach((place, index) => {
    place.then(
      () => holding.push(index),
      () => {},
    );
  });
  await turn();
  await turn();
  return holding.sort((one, other) => one - other);
}

describe("the calls of one model", () => {
  test("first come, first served, at most `slots` at once", async () => {
    const queue = createQueue({ slots: 2, sharing: "blocks" });
    const calls = [1, 2, 3, 4].map(() => queue.acquire(any, never));
    expect(await holders(calls)).toEqual([0, 1]);
    (await calls[1])?.release();
    expect(await holders(calls)).toEqual([0, 1, 2]);
  });

  test("with a common head go one after the other where caches are per slot, others pass them", async () => {
    const queue = createQueue({ slots: 3, sharing: "slot" });
    const calls = [{ head: "h", tokens: 1 }, { head: "h", tokens: 1 }, any, { head: "i", tokens: 1 }].map((wanted) =>
      queue.acquire(wanted, never),
    );
    expect(await holders(calls)).toEqual([0, 2, 3]);
    (await calls[0])?.begun();
    (await calls[2])?.release();
    expect(await holders(calls)).toEqual([0, 2, 3]);
    (await calls[0])?.release();
    expect(await holders(calls)).toEqual([0, 1, 2, 3]);
  });

  test("with a common head follow the one that leads once it has read it, where caches are by block", async () => {
    const queue = createQueue({ slots: 3, sharing: "blocks" });
    const calls = [1, 2, 3].map(() => queue.acquire({ head: "h", tokens: 1 }, never));
    expect(await holders(calls)).toEqual([0]);
    (await calls[0])?.begun();
    expect(await holders(calls)).toEqual([0, 1, 2]);
  });

  test("never promise more tokens than the slots share, unless a call is alone", async () => {
    const queue = createQueue({ slots: 4, sharing: "slot", poolTokens: 100 });
    const calls = [60, 60, 40, 500].map((tokens) => queue.acquire({ tokens }, never));
    expect(await holders(calls)).toEqual([0, 2]);
    (await calls[0])?.release();
    (await calls[2])?.release();
    expect(await holders(calls)).toEqual([0, 1, 2]);
    (await calls[1])?.release();
    expect(await holders(calls)).toEqual([0, 1, 2, 3]);
  });

  test("a place released twice is free once", async () => {
    const queue = createQueue({ slots: 1, sharing: "blocks" });
    const place = await queue.acquire(any, never);
    place.release();
    place.release();
    expect(await holders([1, 2].map(() => queue.acquire(any, never)))).toEqual([0]);
  });

  test("a call that the engine still works on keeps its place", async () => {
    const queue = createQueue({ slots: 1, sharing: "slot" });
    const freed = Promise.withResolvers<void>();
    (await queue.acquire(any, never)).release(freed.promise);
    const next = [queue.acquire(any, never)];
    expect(await holders(next)).toEqual([]);
    expect(queue.running).toBe(1);
    freed.reject(new Error("nobody knows"));
    expect(await holders(next)).toEqual([0]);
  });

  test("whoever stops waiting leaves the queue and nobody else is harmed", async () => {
    const queue = createQueue({ slots: 1, sharing: "blocks" });
    const place = await queue.acquire(any, never);
    const stop = new AbortController();
    const leaving = queue.acquire(any, stop.signal);
    const staying = queue.acquire(any, never);
    stop.abort(new Error("enough"));
    await expect(leaving).rejects.toThrow("enough");
    await expect(queue.acquire(any, stop.signal)).rejects.toThrow("enough");
    place.release();
    expect(await holders([staying])).toEqual([0]);
  });

  test("a large call is not passed for ever by small ones", async () => {
    const queue = createQueue({ slots: 2, sharing: "slot", poolTokens: 10 });
    let running = [await queue.acquire({ tokens: 5 }, never), await queue.acquire({ tokens: 5 }, never)];
    const large = [queue.acquire({ tokens: 10 }, never)];
    let small = 0;
    while ((await holders(large)).length === 0 && small < 500) {
      small += 1;
      const next = queue.acquire({ tokens: 5 }, never);
      running.shift()?.release();
      if ((await holders([next])).length === 1) running = [...running, await next];
    }
    expect(small).toBeLessThan(100);
  });
});

test("whoever came first of those that have room is next", async () => {
  const wanted = fc.record({ tokens: fc.integer({ min: 1, max: 5 }), head: fc.constantFrom("h", "i", "") });
  const calls = fc.array(
    wanted.map(({ head, tokens }): Wanted => (head === "" ? { tokens } : { head, tokens })),
    { maxLength: 20 },
  );
  await fc.assert(
    fc.asyncProperty(calls, fc.integer({ min: 1, max: 4 }), async (calls, slots) => {
      const capacity: Capacity = { slots, sharing: "slot", poolTokens: 6 };
      expect(await startsOf(calls, capacity)).toEqual(expectedStarts(calls, capacity));
    }),
    { numRuns: 60 },
  );
});

/** The calls in the order in which they got their places, the one that has run longest always ending next. */
async function startsOf(calls: readonly Wanted[], capacity: Capacity): Promise<readonly number[]> {
  const queue = createQueue(capacity);
  const started: number[] = [];
  const places: Place[] = [];
  const ask = async (wanted: Wanted, index: number): Promise<void> => {
    places.push(await queue.acquire(wanted, never));
    started.push(index);
  };
  void Promise.all(calls.map(ask));
  await turn();
  while (places.length > 0) {
    places.shift()?.release();
    await turn();
  }
  return started;
}

/** The same by looking at everybody who waits, again and again. */
function expectedStarts(calls: readonly Wanted[], { slots, poolTokens = Infinity }: Capacity): readonly number[] {
  const waiting = calls.map((wanted, index) => ({ ...wanted, index }));
  const running: typeof waiting = [];
  const started: number[] = [];
  for (;;) {
    const used = running.reduce((sum, { tokens }) => sum + tokens, 0);
    const next = waiting.findIndex(
      ({ tokens, head }) =>
        running.length === 0 ||
        (running.length < slots && used + tokens <= poolTokens && !running.some((call) => head !== undefined && call.head === head)),
    );
    if (next === -1 && running.shift() === undefined) return started;
    for (const call of next === -1 ? [] : waiting.splice(next, 1)) {
      running.push(call);
      started.push(call.index);
    }
  }
}

const one: Capacity = { slots: 2, sharing: "slot" };

function lanesOf(engine: EngineQueue, models: readonly string[], capacity = one): readonly Queue[] {
  return models.map((model) => engine.lane(model, capacity));
}

describe("several models of one engine", () => {
  test("the first call of a model that is not in memory goes alone, or some engines load it twice", async () => {
    const engine = createEngineQueue();
    const [queue] = lanesOf(engine, ["m"]);
    const calls = [1, 2].map(() => queue!.acquire(any, never));
    expect(await holders(calls)).toEqual([0]);
    (await calls[0])?.loaded();
    expect(await holders(calls)).toEqual([0, 1]);
  });

  test("a first call that failed lets the next one try", async () => {
    const engine = createEngineQueue();
    const [queue] = lanesOf(engine, ["m"]);
    const calls = [1, 2].map(() => queue!.acquire(any, never));
    expect(await holders(calls)).toEqual([0]);
    (await calls[0])?.release();
    expect(await holders(calls)).toEqual([0, 1]);
  });

  test("a model that is answering is never sent away", async () => {
    const engine = createEngineQueue();
    engine.inMemory({ most: 1 });
    const [a, b] = lanesOf(engine, ["a", "b"]);
    const answering = await a!.acquire(any, never);
    answering.loaded();
    const other = [b!.acquire(any, never)];
    expect(await holders(other)).toEqual([]);
    answering.release();
    expect(await holders(other)).toEqual([0]);
    expect((await other[0])?.instead).toBe("a");
  });

  test("calls for models that fit together do not wait for each other", async () => {
    const engine = createEngineQueue();
    engine.inMemory({ most: 2, loaded: ["a", "b"] });
    const [a, b] = lanesOf(engine, ["a", "b"]);
    const calls = [a!.acquire(any, never), b!.acquire(any, never)];
    expect(await holders(calls)).toEqual([0, 1]);
    expect((await calls[1])?.instead).toBeUndefined();
  });

  test("R full rounds over M models take at most (M-1)R+1 loads, whoever is asked first", async () => {
    const rounds = fc.integer({ min: 1, max: 4 });
    const models = fc.integer({ min: 1, max: 4 });
    const seats = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(rounds, models, seats, async (rounds, count, seats) => {
        const names = Array.from({ length: count }, (_, index) => `m${index}`);
        const council = [...names, ...seats.map((seat) => names[seat % count] ?? "m0")];
        expect(await loadsOf(council, rounds)).toBeLessThanOrEqual((count - 1) * rounds + 1);
      }),
      { numRuns: 60 },
    );
  });
});

/** Plays rounds in which everybody is asked at once, on an engine that holds one model and loads what it is asked for. */
async function loadsOf(council: readonly string[], rounds: number): Promise<number> {
  const engine = createEngineQueue();
  engine.inMemory({ most: 1 });
  let inMemory = "";
  let loads = 0;
  const ask = async (model: string): Promise<void> => {
    const place = await engine.lane(model, one).acquire(any, never);
    if (model !== inMemory) loads += 1;
    inMemory = model;
    place.loaded();
    await turn();
    place.release();
  };
  for (let round = 0; round < rounds; round += 1) await Promise.all(council.map(ask));
  return loads;
}
