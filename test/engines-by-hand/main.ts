// The contract suite against engines that run on this machine or elsewhere, by hand: it asks their models for a few short answers.
// npm run test:engines -- ollama vllm http://127.0.0.1:8001 --record DIR
// MODEL names the model, else the first in memory or listed is taken; API_KEY is sent to the engines; --unload also unloads the model and loads it again.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { parseArgs } from "node:util";
import { createEngine } from "../../src/models/engines/create-engine.ts";
import { defaultAddress, type ServedKind, servedEngines, servedKinds } from "../../src/models/engines/served-engines.ts";
import type { Engine } from "../../src/models/engines/engine.ts";
import type { TestHooks } from "../../src/testing/event-log-contract.ts";
import { describeEngine } from "../../src/testing/engine-contract.ts";
import { startRecorder } from "./recorder.ts";

/** Nothing listens there. */
const NOWHERE = "http://127.0.0.1:59999";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { record: { type: "string" }, unload: { type: "boolean", default: false } },
});
const hooks: TestHooks = {
  describe: (name, body) => void describe(name, body),
  it: (name, body) => void it(name, body),
};
const { MODEL, API_KEY } = process.env;

function isKind(word: string): word is ServedKind {
  return word in servedEngines;
}

if (!positionals.some(isKind)) {
  process.stderr.write(`usage: npm run test:engines -- (${servedKinds.join("|")}) [URL] … [--record DIR] [--unload]\n`);
  process.exitCode = 2;
}
for (const [place, kind] of positionals.entries()) {
  const next = positionals[place + 1];
  if (isKind(kind)) await describeKind(kind, next === undefined || isKind(next) ? defaultAddress(kind) : next);
}

async function describeKind(kind: ServedKind, baseUrl: string): Promise<void> {
  const recorder = values.record === undefined ? undefined : await startRecorder(baseUrl, `${values.record}/${kind}`, API_KEY);
  const at = (address: string): Promise<Engine> =>
    createEngine(kind, { baseUrl: address, ...(API_KEY === undefined ? {} : { apiKey: API_KEY }) });
  const engine = await at(recorder?.origin ?? baseUrl);
  // The first look pays for loading what it looks with.
  await engine.probe(AbortSignal.timeout(5000));
  const found = await engine.probe(AbortSignal.timeout(5000));
  const models = found.type === "ready" ? await engine.models(AbortSignal.timeout(60_000)) : [];
  const model = MODEL ?? (models.find(({ loaded }) => loaded?.value === true) ?? models[0])?.id;
  void describe(`${engine.name} with ${model}`, () => {
    before(() => process.stdout.write(`${JSON.stringify({ found, models }, null, 1)}\n`));
    after(() => recorder?.close());
    if (model === undefined) hooks.it("has a model", () => assert.fail(`No model was found at ${baseUrl}: ${JSON.stringify(found)}`));
    else describeEngine(hooks, kind, { makeEngine: () => engine, makeAbsent: () => at(NOWHERE), model, mayUnload: values.unload });
  });
}
