import { describe, expect, it } from "vitest";
import { seatModel } from "../../src/models/engines/seat-model.ts";
import { createVllm } from "../../src/models/engines/vllm/create-vllm.ts";
import { createCouncil } from "../../src/library/index.ts";
import { describeEngine } from "../../src/testing/engine-contract.ts";
import { answered } from "../answered.ts";
import { ofType } from "../behaviours/council.ts";

/** It takes minutes and 5 GB to start, so it is started by hand: see the engines' README beside this checkout. */
const baseUrl = process.env["VLLM_URL"];
const never = new AbortController().signal;
const MOST_MS = 180_000;

describe.skipIf(baseUrl === undefined)(
  `vLLM for real${baseUrl === undefined ? " (skipped: no VLLM_URL)" : ""}`,
  { timeout: MOST_MS },
  () => {
    const engine = createVllm({ baseUrl: baseUrl ?? "http://127.0.0.1:8000" });

    describeEngine({ describe, it }, "a vLLM server", {
      makeEngine: () => engine,
      makeAbsent: () => createVllm({ baseUrl: "http://127.0.0.1:59999" }),
      model: "smollm2",
    });

    it("holds a council of three", async () => {
      const [model] = await engine.models(never);
      if (model === undefined) throw new Error("no model");
      const seats = await Promise.all(
        [0, 1, 2].map(async (index) => ({
          model: await seatModel(engine, model, { sampling: { temperature: 0.4 + 0.3 * index, seed: 7 + index } }, never),
        })),
      );
      const council = createCouncil({ seats, settings: { bounds: { answerTokens: 120, answersPerAgent: 1 } } });
      try {
        const run = council.ask("Why is the sky blue?", { seed: 1 });
        const ended = await run.result;
        const events = council.events(run.runId);
        expect(ended).toMatchObject({ outcome: "consensus", degraded: null, winner: expect.any(String) });
        expect(ofType(events, "reply-refused")).toEqual([]);
        const ballots = ofType(events, "call-requested").filter(({ purpose }) => purpose === "ballot");
        expect(new Set(ballots.map(({ rung }) => rung))).toEqual(new Set(["schema"]));
      } finally {
        await council.close();
      }
    });

    it("names a prompt that is too long", async () => {
      const [model] = await engine.models(never);
      if (model === undefined) throw new Error("no model");
      const seated = await seatModel(engine, model, {}, never);
      expect(await answered(seated, "word ".repeat(6_000))).toMatchObject({
        type: "failed",
        failure: { kind: "context-overflow", retryable: false },
      });
    });
  },
);
