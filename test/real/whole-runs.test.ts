import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type CouncilModel,
  createChatCompletion,
  createCouncil,
  createEmbedded,
  probeServer,
  type RunEvent,
  type Seat,
} from "../../src/library/index.ts";
import { answered } from "../answered.ts";
import { ofType } from "../behaviours/council.ts";
import { reasonToSkip, smolLmFile } from "../engines/engine-cache.ts";
import { type RunningLlamaServer, startLlamaServer } from "../engines/llama-server.ts";

const reason = await reasonToSkip();
const settings = { bounds: { answerTokens: 120, answersPerAgent: 1 } };
const sampling = (index: number) => ({ temperature: 0.4 + 0.3 * index, seed: 7 + index });
const MOST_MS = 90_000;

/** Three agents on a real model: each drafts, judges by schema, and the winner presents. */
async function ask(seats: readonly Seat[]) {
  const council = createCouncil({ seats, settings });
  try {
    const run = council.ask("Why is the sky blue?", { seed: 1 });
    return { ended: await run.result, events: council.events(run.runId) };
  } finally {
    await council.close();
  }
}

function expectWholeCouncil({ ended, events }: Awaited<ReturnType<typeof ask>>): void {
  expect(ended).toMatchObject({ outcome: "consensus", degraded: null, winner: expect.any(String) });
  expect(ended.answer?.length).toBeGreaterThan(0);
  expect(ended.tally?.ballots.length).toBeGreaterThanOrEqual(2);
  expect(ofType(events, "reply-refused")).toEqual([]);
  expect(new Set(ballotsOf(events).map(({ rung }) => rung))).toEqual(new Set(["schema"]));
  expect(ended.usage.estimated).toBe(false);
}

const ballotsOf = (events: readonly RunEvent[]) => ofType(events, "call-requested").filter(({ purpose }) => purpose === "ballot");

/** Of each ballot that was answered, in the order in which they ran: the share of its prompt that came from the cache. */
function cachedShares(events: readonly RunEvent[]): readonly number[] {
  const ballots = new Set(ballotsOf(events).map(({ callId }) => callId));
  return ofType(events, "call-settled").flatMap(({ callId, outcome }) =>
    ballots.has(callId) && outcome.type === "replied" ? [(outcome.usage.cachedInputTokens ?? 0) / outcome.usage.inputTokens] : [],
  );
}

describe.skipIf(reason !== undefined)(`a council on the embedded engine${reason === undefined ? "" : ` (skipped: ${reason})`}`, () => {
  it("drafts, votes and presents; the second judge computes only its own end", { timeout: MOST_MS }, async () => {
    const path = await smolLmFile();
    const run = await ask([0, 1, 2].map((index) => ({ model: createEmbedded({ path, contextTokens: 2_048, sampling: sampling(index) }) })));
    expectWholeCouncil(run);
    expect(cachedShares(run.events)[1]).toBeGreaterThan(0.8);
  });
});

describe.skipIf(reason !== undefined)(`a council on a real llama-server${reason === undefined ? "" : ` (skipped: ${reason})`}`, () => {
  let server: RunningLlamaServer;
  let models: readonly CouncilModel[];

  beforeAll(async () => {
    server = await startLlamaServer({ slots: 3, contextTokens: 2_048, key: "key-of-this-server" });
    const probe = await probeServer(server.baseUrl, { apiKey: "key-of-this-server" }, new AbortController().signal);
    if (!("models" in probe)) throw new Error(probe.message);
    models = [0, 1, 2].map((index) =>
      createChatCompletion({ baseUrl: server.baseUrl, model: "smollm2", apiKey: "key-of-this-server", probe, sampling: sampling(index) }),
    );
  }, MOST_MS);
  afterAll(() => server?.close());

  it("drafts, votes and presents; at least 80 % of a second judge's prompt is reported as cached", { timeout: MOST_MS }, async () => {
    expect(models[0]?.contextTokens).toBe(2_048);
    const run = await ask(models.map((model) => ({ model })));
    expectWholeCouncil(run);
    expect(cachedShares(run.events)[1]).toBeGreaterThanOrEqual(0.8);
  });

  it("names a prompt that is too long with both numbers, and what a wrong key gets", { timeout: MOST_MS }, async () => {
    const [model] = models;
    if (model === undefined) throw new Error("no model");
    const long = await answered(model, "word ".repeat(4_000));
    expect(long).toMatchObject({
      type: "failed",
      failure: { kind: "context-overflow", retryable: false, message: expect.stringMatching(/2,?048/u) },
    });
    const stranger = createChatCompletion({ baseUrl: server.baseUrl, model: "smollm2", apiKey: "some-other-key" });
    expect(await answered(stranger, "Hello")).toMatchObject({ type: "failed", failure: { kind: "auth", retryable: false } });
  });
});
