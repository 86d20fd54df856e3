import { afterEach, describe, expect, test } from "vitest";
import { type CouncilModel, createCouncil } from "../../src/library/index.ts";
import type { Engine } from "../../src/models/engines/engine.ts";
import { seatModel } from "../../src/models/engines/seat-model.ts";
import { createSglang } from "../../src/models/engines/sglang/create-sglang.ts";
import { createVllm } from "../../src/models/engines/vllm/create-vllm.ts";
import { councilAnswer } from "../../src/testing/fake-engines/council-answer.ts";
import { type FakeEngine, type FakeEngineOptions, startFakeSglang, startFakeVllm, together } from "../../src/testing/index.ts";
import { ofType } from "../behaviours/council.ts";

const never = new AbortController().signal;
let fake: FakeEngine;
afterEach(() => fake.close());

/** Three agents on the one model of an engine. */
async function council(engine: Engine, changes: Partial<CouncilModel> = {}) {
  const [found] = await engine.models(never);
  if (found === undefined) throw new Error("no model");
  const model = { ...(await seatModel(engine, found, {}, never)), ...changes };
  const whole = createCouncil({
    seats: [{ model }, { model }, { model }],
    settings: { bounds: { attemptsPerCall: 2, failuresPerAgent: 2 } },
  });
  try {
    const run = whole.ask("Why is the sky blue?", { seed: 1 });
    return { ended: await run.result, events: whole.events(run.runId) };
  } finally {
    await whole.close();
  }
}

/** No two drafts are the same: those are one answer and need no ballot. The first three wait for each other. */
function distinct(): NonNullable<FakeEngineOptions["reply"]> {
  let asked = 0;
  const drafts = together(3);
  return async (request) => {
    const said = councilAnswer(request);
    if (request.body.response_format !== undefined || request.body.tools !== undefined) return said;
    asked += 1;
    const way = asked;
    await drafts();
    return { text: `${said.text} This was the way number ${way}.` };
  };
}

type Ran = Awaited<ReturnType<typeof council>>;
const ballots = ({ events }: Ran) => ofType(events, "call-requested").filter(({ purpose }) => purpose === "ballot");
const rungs = (ran: Ran) => new Set(ballots(ran).map(({ rung }) => rung));

describe.each([
  ["vLLM", () => startFakeVllm({ reply: distinct() }), createVllm],
  ["vLLM without flags", () => startFakeVllm({ reply: distinct(), toolCalls: false, reasoningParser: false }), createVllm],
  ["SGLang", () => startFakeSglang({ reply: distinct() }), createSglang],
  ["SGLang without flags", () => startFakeSglang({ reply: distinct(), toolCallParser: false, reasoningParser: false }), createSglang],
] as const)("a council on %s", (_name, start, create) => {
  test("drafts at once, judges by schema and answers", async () => {
    fake = await start();
    const ran = await council(create({ baseUrl: fake.baseUrl }));
    expect(ran.ended).toMatchObject({ outcome: "consensus", degraded: null, answer: expect.stringContaining("answer of fake-model") });
    expect(rungs(ran)).toEqual(new Set(["schema"]));
    expect(ofType(ran.events, "reply-refused")).toEqual([]);
    expect(fake.maxOpen).toBe(3);
  });
});

test("tools that are refused after all cost one call each: the ballot ladder takes over", async () => {
  fake = await startFakeVllm({ reply: distinct(), toolCalls: false });
  const ran = await council(createVllm({ baseUrl: fake.baseUrl }), { rungs: ["tool", "schema", "text"] });
  expect(ran.ended).toMatchObject({ outcome: "consensus", degraded: null });
  expect(rungs(ran)).toEqual(new Set(["tool", "schema"]));
  const failed = ofType(ran.events, "call-settled").flatMap(({ outcome }) => (outcome.type === "failed" ? [outcome.failure] : []));
  expect(failed.length).toBeLessThanOrEqual(3);
  for (const { kind, message } of failed) {
    expect(kind).toBe("bad-request");
    expect(message).toContain("--tool-call-parser");
  }
});

test("an engine that dies in the middle of a run costs calls, not the run", async () => {
  let asked = 0;
  fake = await startFakeVllm({
    reply: () => {
      asked += 1;
      if (asked === 4) queueMicrotask(() => fake.unload("fake-model"));
      return { text: `The answer number ${asked} is whole and long enough to be read.` };
    },
  });
  const { ended } = await council(createVllm({ baseUrl: fake.baseUrl }));
  expect(ended.answer).toContain("The answer number");
});
