import { expect, test } from "vitest";
import type { AgentConfig } from "../schema.ts";
import { memoryFinding, takenBy, type Taken } from "./check-memory.ts";

const GB = 1e9;
const need = (weights: number, context?: number): NonNullable<Taken["need"]> => ({
  weightsBytes: weights * GB,
  totalBytes: (weights + (context ?? 0)) * GB,
  ...(context !== undefined && { contextBytes: context * GB }),
});
const taken = (model: string, engine: string, weights?: number): Taken => ({ model, engine, ...(weights && { need: need(weights) }) });

test("what fits together, by arithmetic", () => {
  expect(memoryFinding([{ model: "a", engine: "x", need: need(4, 1) }, taken("b", "x", 2)], 16 * GB, 0)).toEqual({
    status: "ok",
    text: "by arithmetic: a 5.0 GB + b 2.0 GB without its context = 7.0 GB, of 16.0 GB",
  });
});

test("what does not fit says what happens then", () => {
  expect(memoryFinding([taken("a", "x", 10), taken("b", "x", 10)], 16 * GB, 0)).toMatchObject({
    status: "warning",
    hint: expect.stringContaining("Models at x will take turns") as string,
  });
  expect(memoryFinding([taken("a", "x", 10), taken("b", "y", 10)], 16 * GB, 0).hint).toContain("do not make room for each other");
  expect(memoryFinding([taken("a", "x", 20)], 16 * GB, 0).hint).toContain("smaller model");
  expect(memoryFinding([taken("a", "x", 20)], 16 * GB, 24 * GB)).toMatchObject({
    status: "ok",
    text: expect.stringContaining("and 24.0 GB in graphics cards") as string,
  });
});

test("a size nobody told is no reason to say that it fits", () => {
  expect(memoryFinding([taken("a", "x", 1), taken("b", "x")], 16 * GB, 0)).toMatchObject({
    status: "unknown",
    text: expect.stringContaining("b not told") as string,
  });
  expect(memoryFinding([taken("b", "x")], 16 * GB, 0)).toMatchObject({ status: "unknown" });
});

test("agents that share a model need it once, with a lane each up to three", () => {
  const agent = (id: string, more = {}): AgentConfig => ({ id, backend: { type: "embedded", ...more } });
  const model = { id: "m", sizeBytes: { value: GB, source: "s" }, contextBytesPerToken: { value: 1_000, source: "s" } };
  const seated = ["a", "b"].map((id) => ({ agent: agent(id), model }));
  expect(takenBy(seated)).toEqual([
    expect.objectContaining({
      model: "m",
      engine: "embedded:",
      need: expect.objectContaining({ contextBytes: 1_000 * 8_192 * 2 }) as object,
    }),
  ]);
  const told = [{ agent: agent("a", { context_length: 1_000, parallel: 4 }), model }];
  expect(takenBy(told)[0]?.need?.contextBytes).toBe(1_000 * 1_000 * 4);
});
