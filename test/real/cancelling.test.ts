import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callModel } from "../../src/models/call-model.ts";
import { systemClock } from "../../src/models/clock.ts";
import { createLlamaCpp } from "../../src/models/engines/llamacpp/create-llamacpp.ts";
import { seatModel } from "../../src/models/engines/seat-model.ts";
import type { CouncilModel, Delta } from "../../src/models/model.ts";
import { reasonToSkip } from "../engines/engine-cache.ts";
import { type RunningLlamaServer, startLlamaServer } from "../engines/llama-server.ts";

const reason = await reasonToSkip();
const never = new AbortController().signal;
/** A reading of several seconds, in batches that are not broken off. */
const LONG = "The tide comes in and the tide goes out, and nobody on the pier looks up. ".repeat(40);

describe.skipIf(reason !== undefined)(
  `a call that is given up, on a real llama-server${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  { timeout: 90_000 },
  () => {
    let server: RunningLlamaServer;
    let model: CouncilModel;

    beforeAll(async () => {
      server = await startLlamaServer({ slots: 1, contextTokens: 2048 });
      const engine = createLlamaCpp({ baseUrl: server.baseUrl });
      const [served] = await engine.models(never);
      if (served === undefined) throw new Error("the llama-server serves nothing");
      model = await seatModel(engine, served, {}, never);
    }, 300_000);
    afterAll(() => server?.close());

    async function isBusy(): Promise<boolean> {
      const slots = (await (await fetch(new URL("/slots", server.baseUrl))).json()) as readonly { readonly is_processing: boolean }[];
      return slots.some(({ is_processing: isProcessing }) => isProcessing);
    }

    /** Asks, gives up at the first delta of that kind, and says whether the server was still at it then. */
    async function giveUpAt(type: Delta["type"], text: string): Promise<void> {
      const stop = new AbortController();
      const prompt = { messages: [{ role: "user", text }], maxOutputTokens: 1000, maxTextTokens: 1000 } as const;
      const call = callModel(model, prompt, { clock: systemClock() }, stop.signal);
      for (;;) {
        const { done, value } = await call.next();
        if (done === true) return expect(value).toMatchObject({ type: "cancelled" });
        if (value.type !== type) continue;
        if (type === "started") setTimeout(() => stop.abort(), 300);
        else stop.abort();
      }
    }

    /** Looks until nothing of ours holds a place, and whether the server was ever busy while the place was free. */
    async function wasPlaceKept(): Promise<boolean> {
      while (model.queue.running > 0) await sleep(20);
      return !(await isBusy());
    }

    it("while it writes frees its slot at once", async () => {
      await giveUpAt("text", "Count from one to five hundred in words.");
      const givenUpAt = performance.now();
      while (await isBusy()) await sleep(20);
      expect(performance.now() - givenUpAt).toBeLessThan(5_000);
    });

    it("while it reads keeps its place in the queue until the server has let go of it", async () => {
      await giveUpAt("started", LONG);
      expect(model.queue.running).toBe(1);
      expect(await wasPlaceKept()).toBe(true);
    });
  },
);
