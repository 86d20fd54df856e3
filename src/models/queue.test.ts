import { expect, test } from "vitest";
import { createQueue } from "./queue.ts";

const never = new AbortController().signal;

/** Which of the calls hold a place, after everything that can happen has happened. */
async function holders(acquired: readonly Promise<() => void>[]): Promise<readonly number[]> {
  const holding: number[] = [];
  acquired.forEach((place, index) => {
    place.then(
      () => holding.push(index),
      () => {},
    );
  });
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  return holding;
}

test("first come, first served, at most `slots` at once", async () => {
  const queue = createQueue(2, "blocks");
  const calls = [1, 2, 3, 4].map(() => queue.acquire(true, never));
  expect(await holders(calls)).toEqual([0, 1]);
  (await calls[1])?.();
  expect(await holders(calls)).toEqual([0, 1, 2]);
});

test("calls in line go one after the other where caches are per slot, others pass them", async () => {
  const queue = createQueue(3, "slot");
  const calls = [true, true, false, true].map((inLine) => queue.acquire(inLine, never));
  expect(await holders(calls)).toEqual([0, 2]);
  (await calls[2])?.();
  expect(await holders(calls)).toEqual([0, 2]);
  (await calls[0])?.();
  expect(await holders(calls)).toEqual([0, 1, 2]);
});

test("a place released twice is free once", async () => {
  const queue = createQueue(1, "blocks");
  const release = await queue.acquire(false, never);
  release();
  release();
  const calls = [1, 2].map(() => queue.acquire(false, never));
  expect(await holders(calls)).toEqual([0]);
});

test("whoever stops waiting leaves the queue and nobody else is harmed", async () => {
  const queue = createQueue(1, "blocks");
  const release = await queue.acquire(false, never);
  const stop = new AbortController();
  const leaving = queue.acquire(false, stop.signal);
  const staying = queue.acquire(false, never);
  stop.abort(new Error("enough"));
  await expect(leaving).rejects.toThrow("enough");
  await expect(queue.acquire(false, stop.signal)).rejects.toThrow("enough");
  release();
  expect(await holders([staying])).toEqual([0]);
});
