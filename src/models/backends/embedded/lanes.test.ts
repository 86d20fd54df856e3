import { describe, expect, it } from "vitest";
import { bestSequence, createLanes } from "./lanes.ts";

/** A sequence that has evaluated these tokens. */
class FakeSequence {
  readonly name: string;
  readonly contextTokens: number[];

  constructor(name: string, contextTokens: number[] = []) {
    this.name = name;
    this.contextTokens = contextTokens;
  }

  compareContextTokens(tokens: number[]): { readonly firstDifferentIndex: number } {
    const different = tokens.findIndex((token, index) => token !== this.contextTokens[index]);
    return { firstDifferentIndex: different === -1 ? tokens.length : different };
  }
}

const tokens = (from: number, count: number): number[] => Array.from({ length: count }, (_, index) => from + index);
const head = tokens(0, 100);

describe("the sequence for a prompt", () => {
  it("is the one that shares the longest head, wherever it stands", () => {
    const sequences = [new FakeSequence("empty"), new FakeSequence("some", tokens(0, 40)), new FakeSequence("most", tokens(0, 80))];
    expect(bestSequence(sequences, head)?.name).toBe("most");
  });

  it("is the one with least to lose where none shares more than the frame of a template", () => {
    const sequences = [new FakeSequence("long", [...tokens(0, 8), ...tokens(500, 900)]), new FakeSequence("empty")];
    expect(bestSequence(sequences, head)?.name).toBe("empty");
  });

  it("is none where none is free", () => {
    expect(bestSequence([], head)).toBeUndefined();
  });
});

describe("lanes", () => {
  it("give the calls of one head, one after the other, the same sequence", async () => {
    const lanes = createLanes<number, FakeSequence>([new FakeSequence("a"), new FakeSequence("b", head)]);
    for (let call = 0; call < 3; call += 1) {
      const lane = await lanes.take([...head, 1000 + call]);
      expect(lane.sequence.name).toBe("b");
      lane.release();
    }
  });

  it("give calls at once different sequences, and let the next wait for the first that is free", async () => {
    const lanes = createLanes<number, FakeSequence>([new FakeSequence("a"), new FakeSequence("b")]);
    const first = await lanes.take(head);
    const second = await lanes.take(head);
    const third = lanes.take(head);
    const fourth = lanes.take(head);
    expect(new Set([first.sequence.name, second.sequence.name]).size).toBe(2);
    second.release();
    expect((await third).sequence).toBe(second.sequence);
    first.release();
    first.release();
    expect((await fourth).sequence).toBe(first.sequence);
  });

  it("forget a call that was given up while it waited", async () => {
    const lanes = createLanes<number, FakeSequence>([new FakeSequence("a")]);
    const first = await lanes.take(head);
    const stop = new AbortController();
    const second = lanes.take(head, stop.signal);
    const third = lanes.take(head);
    stop.abort(new Error("enough"));
    await expect(second).rejects.toThrow("enough");
    first.release();
    expect((await third).sequence.name).toBe("a");
  });

  it("do not begin a call given up before", async () => {
    const lanes = createLanes<number, FakeSequence>([new FakeSequence("a")]);
    await expect(lanes.take(head, AbortSignal.abort(new Error("too late")))).rejects.toThrow("too late");
  });
});
