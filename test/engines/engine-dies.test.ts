import { afterEach, expect, test } from "vitest";
import { type CouncilModel, createCouncil } from "../../src/library/index.ts";
import { createEngine } from "../../src/models/engines/create-engine.ts";
import { type ServedKind, servedEngines, servedKinds } from "../../src/models/engines/served-engines.ts";
import { seatModel } from "../../src/models/engines/seat-model.ts";
import { type FakeEngine, startFakeOpenAI } from "../../src/testing/index.ts";
import { createChatCompletion } from "../../src/models/backends/chatcompletion/create-chat-completion.ts";
import { ofType } from "../behaviours/council.ts";
import { fakeEngines } from "./fake-engines.ts";

const never = new AbortController().signal;
const closing: { close(): Promise<unknown> }[] = [];
afterEach(() => Promise.all(closing.splice(0).map((each) => each.close())));

async function seated(kind: ServedKind, { origin }: FakeEngine): Promise<CouncilModel> {
  const engine = await createEngine(kind, { baseUrl: origin });
  const [model] = await engine.models(never);
  return seatModel(engine, model ?? { id: "none" }, {}, never);
}

test.each(servedKinds)("%s that dies in the middle of a stream costs that agent's call, not the run", async (kind) => {
  const dying = await fakeEngines[kind]({
    models: [{ id: "small", loaded: true }],
    reply: { text: "one two three four five six", stallAfterTokens: 2 },
  });
  const other = await startFakeOpenAI({
    models: ["m"],
    reply: ({ body }) =>
      body.response_format === undefined ? { text: "Blue light is scattered most." } : { text: '{"reason":"right","choice":"A"}' },
  });
  closing.push(other, dying);
  const model = createChatCompletion({ baseUrl: other.baseUrl, model: "m" });
  const council = createCouncil({
    seats: [
      { id: "one", model: await seated(kind, dying) },
      { id: "two", model },
      { id: "three", model },
    ],
    settings: { bounds: { attemptsPerCall: 1, failuresPerAgent: 1 } },
  });
  const run = council.ask("Why is the sky blue?", { seed: 1 });
  for await (const frame of run) {
    if (frame.type === "delta" && frame.agent === "one" && frame.delta.type === "text") void dying.close();
  }
  const { answer, degraded } = await run.result;
  expect(answer).toContain("Blue light");
  expect(degraded?.lost.map(({ agent }) => agent)).toEqual(["one"]);
  const failures = ofType(council.events(run.runId), "call-settled").flatMap(({ outcome }) =>
    outcome.type === "failed" ? [outcome.failure.message] : [],
  );
  expect(failures[0]).toContain(`${servedEngines[kind].title} at ${dying.origin} `);
  await council.close();
});
