import type { IncomingMessage, ServerResponse } from "node:http";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createLmStudio } from "../../src/models/engines/lmstudio/create-lmstudio.ts";
import type { Engine, EngineModel } from "../../src/models/engines/engine.ts";
import { createEngine } from "../../src/models/engines/create-engine.ts";
import { type ServedKind, servedEngines, servedKinds } from "../../src/models/engines/served-engines.ts";
import type { Prompt } from "../../src/core/messages.ts";
import { failureOf } from "../../src/models/failure-of.ts";
import type { FakeEngine } from "../../src/testing/index.ts";
import { fakeEngines } from "./fake-engines.ts";
import { type Change, changed, type Odd, oddAnswers, oddChanges } from "./odd-answers.ts";
import { ballotBy, oddServer, type OddServer, oneCall, passOn, question } from "./one-call.ts";

const KEY = "sk-lm-abcdefgh:12345678901234567890";
/** Few and the same in every run of the tests; `ODD_RUNS=1000 ODD_SEED=7` is for whoever changed how answers are read. */
const RUNS = Number(process.env["ODD_RUNS"] ?? 12);
const SEED = Number(process.env["ODD_SEED"] ?? 1);
/** Waiting for something that never ends is ended by the caller, as a person would. */
const ENOUGH_MS = 400;

let odd: readonly Odd[] = [];
let server: OddServer;
const fakes = new Map<ServedKind, FakeEngine>();

function answer({ url = "", headers }: IncomingMessage, response: ServerResponse): void {
  const place = Buffer.from(url).reduce((sum, letter) => (sum * 31 + letter) % 9973, 7);
  const { status, type, body, cutAt, echoesKey } = odd[place % odd.length] ?? { status: 500, type: "", body: "" };
  const whole = echoesKey === true ? `${JSON.stringify({ error: `bad key ${headers.authorization ?? ""}` })}\n${body}` : body;
  response.writeHead(status, { ...(type === "" ? {} : { "content-type": type }), ...(status === 302 ? { location: "/elsewhere" } : {}) });
  if (cutAt === undefined) response.end(whole);
  else response.write(whole.slice(0, cutAt), () => response.destroy());
}

beforeAll(async () => {
  server = await oddServer(answer);
  for (const kind of servedKinds) fakes.set(kind, await fakeEngines[kind]({ models: [{ id: "m", loaded: true }] }));
});
afterAll(async () => {
  server.close();
  await Promise.all([...fakes.values()].map((fake) => fake.close()));
});

async function engineAt(kind: ServedKind, baseUrl: string): Promise<Engine> {
  if (kind === "lmstudio") return createLmStudio({ baseUrl, apiKey: KEY, lms: { home: "/nowhere", path: "" }, lookEveryMs: 5 });
  return createEngine(kind, { baseUrl, apiKey: KEY });
}

/** What a method gives, or its failure as a person reads it. */
async function settled<Value>(work: () => Promise<Value> | undefined, engine: Engine): Promise<Value | undefined> {
  try {
    return await work();
  } catch (error) {
    const isBug = (error instanceof TypeError && error.cause === undefined) || error instanceof RangeError || error instanceof SyntaxError;
    expect(isBug ? error : undefined).toBeUndefined();
    requireSentence(failureOf(error, engine.name, 0).message);
    return undefined;
  }
}

function requireSentence(sentence: string): void {
  expect(sentence).not.toMatch(/undefined|\[object|\n/u);
  expect(sentence).not.toContain(KEY);
  expect(sentence.length).toBeLessThan(700);
}

async function drained(items: AsyncIterable<unknown> | undefined): Promise<void> {
  for await (const item of items ?? []) expect(JSON.stringify(item)).not.toMatch(/NaN|null|-\d/u);
}

function requireSense(model: EngineModel): void {
  expect(model.id).not.toBe("");
  for (const fact of [model.contextTrained, model.contextLoaded, model.sizeBytes, model.slots]) {
    if (fact !== undefined) expect(Number.isSafeInteger(fact.value) && fact.value > 0 && fact.source !== "").toBe(true);
  }
}

/** Everything that is asked of an engine, as the council, the list of models and the doctor ask it. */
async function tryEverything(kind: ServedKind, origin: string, signal: AbortSignal): Promise<void> {
  const engine = await engineAt(kind, origin);
  const probe = await engine.probe(signal);
  if ("failure" in probe) requireSentence(probe.failure.message);
  const models = (await settled(() => engine.models(signal), engine)) ?? [];
  models.forEach(requireSense);
  const model = models[0] ?? { id: "m" };
  await tryNumbers(engine, model, signal);
  ((await settled(() => engine.advice(signal), engine)) ?? []).forEach(requireSentence);
  const brief = AbortSignal.any([signal, AbortSignal.timeout(ENOUGH_MS)]);
  await settled(() => drained(engine.load?.(model.id, { contextTokens: 2048 }, brief)), engine);
  await settled(() => drained(engine.pull?.("some/model", brief)), engine);
  const { load: _, ...calling } = { ...engine, models: async () => [model] };
  for (const prompt of [question, ballotBy("schema")]) await tryCall(calling, prompt, signal);
}

async function tryNumbers(engine: Engine, model: EngineModel, signal: AbortSignal): Promise<void> {
  const slots = await settled(() => engine.slots(model, signal), engine);
  const tokens = await settled(() => engine.countTokens?.(model.id, question.messages, signal), engine);
  const contexts = [engine.contextOf(model, undefined), engine.contextOf(model, 4096)];
  for (const number of [slots?.slots.value, slots?.poolTokens?.value, tokens, ...contexts]) {
    if (number !== undefined) expect(Number.isSafeInteger(number) && number > 0).toBe(true);
  }
}

async function tryCall(engine: Engine, prompt: Prompt, signal: AbortSignal): Promise<void> {
  const timeouts = { firstTokenMs: ENOUGH_MS, stallMs: ENOUGH_MS, callMs: ENOUGH_MS };
  const outcome = await oneCall({ engine, prompt, options: { timeouts }, signal });
  expect(["replied", "failed"]).toContain(outcome.type);
  if (outcome.type !== "replied" && outcome.type !== "failed") return;
  if (outcome.type === "failed") requireSentence(outcome.failure.message);
  expect(JSON.stringify(outcome)).not.toContain(KEY);
  for (const number of Object.values({ ...outcome.usage, ...outcome.timing, estimated: 0, reported: 0 })) {
    expect(Number.isFinite(number) && Number(number) >= 0).toBe(true);
  }
}

describe.each(servedKinds)("%s", (kind) => {
  test("whatever a server answers: data or one sentence, never a hang, a key or a number that is none", { timeout: 60_000 }, async () => {
    const pages = await Promise.all([...fakes.values()].map(pagesOf));
    await fc.assert(
      fc.asyncProperty(fc.array(oddAnswers(pages.flat()), { minLength: 1, maxLength: 6 }), async (answers) => {
        odd = answers;
        await tryEverything(kind, server.origin, AbortSignal.timeout(5000));
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });

  test("its own answers with any value in any place", { timeout: 60_000 }, async () => {
    let changes: readonly Change[] = [];
    const { origin = "" } = fakes.get(kind) ?? {};
    const between = await oddServer(
      (request, response) => void passOn(request, response, { origin, change: (body) => changed(body, changes) }),
    );
    await fc.assert(
      fc.asyncProperty(oddChanges, async (chosen) => {
        changes = chosen;
        await tryEverything(kind, between.origin, AbortSignal.timeout(5000));
      }),
      { numRuns: RUNS, seed: SEED },
    );
    between.close();
  });

  test("a key that is repeated in a list, an error or a stream is seen nowhere", async () => {
    const chunk = JSON.stringify({ choices: [{ index: 0, delta: { content: "a" } }] });
    for (const said of [
      '{"error":"KEY"}',
      "bad KEY",
      `data: ${chunk}\n\ndata: {"error":{"message":"KEY"}}\n\n`,
      `${chunk}\ndata: KEY\n\n`,
    ]) {
      for (const status of [200, 401, 500]) {
        odd = [{ status, type: "", body: said.replaceAll("KEY", KEY) }];
        await expect(tryEverything(kind, server.origin, AbortSignal.timeout(5000))).resolves.toBeUndefined();
      }
    }
  });

  test("a count of tokens that is none is not believed", async () => {
    const engine = await engineAt(kind, server.origin);
    for (const none of ["-1", "0", "1e999", "0.5", "null", '"7"', "[]"]) {
      odd = [{ status: 200, type: "application/json", body: `{"count":${none},"input_tokens":${none},"tokens":${none}}` }];
      expect(await settled(() => engine.countTokens?.("m", question.messages, AbortSignal.timeout(5000)), engine)).toBeUndefined();
    }
  });

  test("is never taken for an engine that it is not", async () => {
    for (const other of servedKinds.filter((each) => each !== kind)) {
      const { origin = "" } = fakes.get(other) ?? {};
      expect(await (await engineAt(kind, origin)).probe(AbortSignal.timeout(5000))).toMatchObject({
        type: "other",
        what: servedEngines[other].title,
      });
    }
    for (const body of [
      "<html><title>Log in</title></html>",
      "{}",
      "[]",
      "null",
      '{"error":"Unexpected endpoint or method."}',
      "",
      "ok",
      '"llamacpp"',
    ]) {
      odd = [{ status: 200, type: "application/json", body }];
      expect(await (await engineAt(kind, server.origin)).probe(AbortSignal.timeout(5000))).toMatchObject({ type: "other" });
    }
  });
});

/** What a fake answers on the paths that anybody asks. */
async function pagesOf({ origin }: FakeEngine): Promise<readonly string[]> {
  const paths = [
    "/v1/models",
    "/api/tags",
    "/api/ps",
    "/api/version",
    "/props",
    "/slots",
    "/api/v1/models",
    "/api/v0/models",
    "/get_server_info",
    "/get_model_info",
    "/lmstudio-greeting",
    "/version",
  ];
  const chat = { method: "POST", headers: { "content-type": "application/json" } };
  const messages = [{ role: "user", content: "Why?" }];
  const bodies = [
    ...paths.map((path) => fetch(`${origin}${path}`)),
    fetch(`${origin}/v1/chat/completions`, { ...chat, body: JSON.stringify({ model: "m", messages, stream: true }) }),
    fetch(`${origin}/v1/chat/completions`, { ...chat, body: JSON.stringify({ model: "m", messages }) }),
    fetch(`${origin}/api/chat`, { ...chat, body: JSON.stringify({ model: "m", messages }) }),
    fetch(`${origin}/api/show`, { ...chat, body: JSON.stringify({ model: "m" }) }),
    fetch(`${origin}/api/v1/models/load`, { ...chat, body: JSON.stringify({ model: "m" }) }),
    fetch(`${origin}/api/v1/models/download`, { ...chat, body: JSON.stringify({ model: "m" }) }),
  ];
  return Promise.all(bodies.map(async (body) => (await body).text()));
}
