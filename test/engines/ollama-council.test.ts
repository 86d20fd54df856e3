import { createCouncil } from "massgen";
import { startFakeOllama } from "massgen/testing";
import { expect, test } from "vitest";
import { createOllama } from "../../src/models/engines/ollama/create-ollama.ts";
import { seatModel } from "../../src/models/engines/seat-model.ts";

/** A vote for what is shown first, where a ballot is asked for. */
function ballotFor(format: unknown): string | undefined {
  const { properties } = (format ?? {}) as { properties?: { choice: { enum: readonly string[] } } };
  return properties === undefined ? undefined : JSON.stringify({ reason: "It is complete.", choice: properties.choice.enum[0] });
}

const never = new AbortController().signal;

test("a whole council on an Ollama with one slot: one load, one call at a time, nothing asked without a context", async () => {
  const fake = await startFakeOllama({
    models: ["small"],
    loadMs: 10,
    reply: ({ body }, index) => ({ text: ballotFor(body["format"]) ?? `Answer number ${index}: blue light is scattered most.` }),
  });
  const engine = createOllama({ baseUrl: fake.origin });
  const [model] = await engine.models(never);
  if (model === undefined) expect.fail("no model");
  const seats = await Promise.all([1, 2, 3].map(async () => ({ model: await seatModel(engine, model, {}, never) })));
  const council = createCouncil({ seats });
  const result = await council.ask("Why is the sky blue?").result;
  expect(result).toMatchObject({ outcome: "consensus" });
  expect(fake.loads).toEqual(["small:latest"]);
  expect(fake.maxOpen).toBe(1);
  expect(fake.requests.length).toBeGreaterThanOrEqual(6);
  for (const { body } of fake.requests) expect(body).toMatchObject({ truncate: false, options: { num_ctx: 8192 } });
  await council.close();
  await fake.close();
});
