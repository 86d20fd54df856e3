import { afterEach, describe, expect, test } from "vitest";
import type { Engine } from "../../src/models/engines/engine.ts";
import { createLlamaCpp } from "../../src/models/engines/llamacpp/create-llamacpp.ts";
import { type FakeLlamaCpp, type FakeLlamaCppOptions, startFakeLlamaCpp, together } from "../../src/testing/index.ts";
import type { Delta } from "../../src/models/model.ts";
import { callModel } from "../../src/models/call-model.ts";
import { systemClock } from "../../src/models/clock.ts";
import { seatModel } from "../../src/models/engines/seat-model.ts";
import { failureOf } from "../../src/models/failure-of.ts";
import { ballotBy, oddServer, oneCall, question } from "./one-call.ts";

const never = new AbortController().signal;
const closing: { close(): unknown }[] = [];
afterEach(() => Promise.all(closing.splice(0).map((each) => each.close())));

async function start(options: FakeLlamaCppOptions = {}): Promise<{ readonly fake: FakeLlamaCpp; readonly engine: Engine }> {
  const fake = await startFakeLlamaCpp({ models: [{ id: "m", loaded: true }], ...options });
  closing.push(fake);
  return { fake, engine: createLlamaCpp({ baseUrl: fake.origin }) };
}

/** An engine whose server answers JSON by path, and 404 to everything else. */
async function pages(bodies: Readonly<Record<string, unknown>>): Promise<Engine> {
  const server = await oddServer((request, response) => {
    const body = bodies[request.url ?? ""];
    response.writeHead(body === undefined ? 404 : 200).end(JSON.stringify(body ?? { error: { code: 404, message: "File Not Found" } }));
  });
  closing.push(server);
  return createLlamaCpp({ baseUrl: server.origin });
}

describe("loading", () => {
  test("0, 2.2: every path answers 503 while it loads, which is loading and not another server", async () => {
    const { fake, engine } = await start();
    fake.setLoading(true);
    expect(await engine.probe(never)).toEqual({ type: "loading" });
    const listed = await engine.models(never).catch((error: unknown) => failureOf(error, engine.name, 0));
    expect(listed).toMatchObject({ kind: "loading", retryable: true });
    fake.setLoading(false);
    expect(await engine.probe(never)).toMatchObject({ type: "ready" });
  });

  test("2.2: a call into a server that began to load again waits to be asked again", async () => {
    const { fake, engine } = await start();
    const [model] = await engine.models(never);
    expect(model?.loaded?.value).toBe(true);
    const asked = oneCall({ engine: { ...engine, models: async () => (model === undefined ? [] : [model]) } });
    fake.setLoading(true);
    expect(await asked).toMatchObject({ type: "failed", failure: { kind: "loading", retryable: true, status: 503 } });
  });

  test("2.2: /health never needs a key, so it does not say that the key is right", async () => {
    const { engine } = await start({ apiKey: "the-right-key" });
    expect(await engine.probe(never)).toMatchObject({ type: "refused", failure: { kind: "auth" } });
  });
});

describe("what is sent", () => {
  test("2.4, 10.2: an object as tool choice would silently be `auto`: one tool and `required` are sent", async () => {
    const { fake, engine } = await start();
    const ballot = ballotBy("tool");
    await oneCall({ engine: { ...engine, rungs: () => ["tool"] }, prompt: ballot });
    expect(fake.requests[0]?.body).toMatchObject({ tool_choice: "required", tools: [{ function: { name: "ballot" } }] });
    expect(fake.requests[0]?.body.tools).toHaveLength(1);
  });

  test("8.1: tools and a schema never travel together, and grammars with tools not at all", async () => {
    const { fake, engine } = await start();
    for (const rung of ["schema", "tool", "text"] as const) await oneCall({ engine, prompt: ballotBy(rung) });
    const sent = fake.requests.map(({ body }) =>
      ["tools", "response_format", "grammar"].filter((name) => (body as unknown as Record<string, unknown>)[name] !== undefined),
    );
    expect(sent.slice(0, 2)).toEqual([["response_format"], ["tools"]]);
    expect(sent[2]).not.toContain("tools");
  });

  test("10.2: `required` is optional free text first and templates without tools ignore it, so ballots go by schema", async () => {
    const { engine } = await start();
    const [model] = await engine.models(never);
    expect(model && engine.rungs(model)).toEqual(["schema", "text"]);
  });

  test("10.2: a reply that is not streamed is not cancelled, so everything is streamed, with usage", async () => {
    const { fake, engine } = await start();
    await oneCall({ engine });
    await oneCall({ engine, prompt: ballotBy("schema") });
    for (const { body } of fake.requests) expect(body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  test("10.2, 10.7: thinking is off for ballots and left alone in drafts, where the template may think", async () => {
    const { fake, engine } = await start();
    const thinking = { ...engine, models: async () => [{ id: "m", reasoning: { value: true, source: "its template" } }] };
    await oneCall({ engine: thinking });
    await oneCall({ engine: thinking, prompt: ballotBy("schema") });
    expect(fake.requests.map(({ body }) => body["chat_template_kwargs"])).toEqual([undefined, { enable_thinking: false }]);
  });

  test("10: zero tokens is one token here and an error elsewhere: it is never sent", async () => {
    const { fake, engine } = await start();
    await oneCall({ engine, prompt: { ...question, maxOutputTokens: 0 } });
    expect(fake.requests[0]?.body.max_tokens).not.toBe(0);
  });

  test("2.4: broken arguments in the history poison every later request: they are never sent", async () => {
    const { fake, engine } = await start();
    const messages = [
      { role: "user" as const, text: "Vote." },
      { role: "assistant" as const, text: "", toolCalls: [{ id: "1", name: "ballot", input: '{"choi' }] },
      { role: "tool" as const, results: [{ id: "1", name: "ballot", text: "No." }] },
    ];
    expect(await oneCall({ engine, prompt: { ...question, messages } })).toMatchObject({ type: "replied" });
    const calls = (fake.requests[0]?.body.messages ?? []).flatMap((message) =>
      "tool_calls" in message ? (message.tool_calls as readonly { readonly function: { readonly arguments: string } }[]) : [],
    );
    for (const call of calls) expect(() => JSON.parse(call.function.arguments) as unknown).not.toThrow();
  });
});

describe("what comes back", () => {
  test("2.3: a first delta with `content: null`, and cached tokens in the usage", async () => {
    const { engine } = await start({ reply: { text: "one two" } });
    expect(await oneCall({ engine })).toMatchObject({ type: "replied", text: "one two" });
    expect(await oneCall({ engine })).toMatchObject({ usage: { estimated: false, cachedInputTokens: expect.any(Number) as number } });
  });

  test("2.3: an error in the middle ends the stream without [DONE]", async () => {
    const body = { error: { code: 500, message: "Context size has been exceeded.", type: "server_error" } };
    const { engine } = await start({ reply: { text: "one two three", errorAtToken: { token: 2, body } } });
    expect(await oneCall({ engine })).toMatchObject({
      type: "failed",
      text: expect.stringContaining("one") as string,
      failure: { kind: "context-overflow", retryable: true },
    });
  });

  test("0, 2.3: comments keep a silent stream alive and are no progress; how much of the prompt is read is told", async () => {
    const { engine } = await start({ pingMs: 5, reply: { text: "one two", firstTokenAfterMs: 40 } });
    const deltas: Delta[] = [];
    const outcome = await oneCall({ engine, onDelta: (delta) => deltas.push(delta) });
    expect(outcome).toMatchObject({ type: "replied", text: "one two" });
    expect(deltas.map(({ type }) => type)).toContain("prefill");
    expect(outcome.type === "replied" && outcome.timing?.firstTokenMs).toBeGreaterThanOrEqual(30);
  });

  test("2.4: output that breaks the call format is a 500 to try again, not the engine's end", async () => {
    for (const message of [
      "Failed to parse input at pos 17",
      "The model produced output that does not match the expected peg-native format",
    ]) {
      const { engine } = await start({ reply: { status: 500, body: { error: { code: 500, message, type: "server_error" } } } });
      expect(await oneCall({ engine })).toMatchObject({ type: "failed", failure: { kind: "invalid-reply", retryable: true } });
    }
  });

  test("2.6: a pool overflow kills everybody who runs, and is retried without making this prompt smaller", async () => {
    const { engine } = await start({ reply: { status: 500, body: { error: { code: 500, message: "Context size has been exceeded." } } } });
    const outcome = await oneCall({ engine });
    expect(outcome).toMatchObject({ type: "failed", failure: { kind: "context-overflow", retryable: true } });
    expect(outcome.type === "failed" && outcome.failure.overflow).toBe(undefined);
  });

  test("2.6: a prompt that is too long for one slot says both numbers", async () => {
    const { engine } = await start({ contextTokens: 8 });
    const prompt = { ...question, messages: [{ role: "user" as const, text: "word ".repeat(40) }] };
    const [found] = await engine.models(never);
    const unaware = { ...engine, models: async () => [{ id: found?.id ?? "" }], countTokens: undefined };
    const { countTokens: _, ...blind } = unaware;
    expect(await oneCall({ engine: blind, prompt })).toMatchObject({
      failure: { kind: "context-overflow", retryable: false, overflow: { contextTokens: 8 } },
    });
  });
});

describe("slots", () => {
  test("2.1, 10.2: what it calls the context is that of one slot, and slots may share it: calls are held to both", async () => {
    const { engine } = await start({ contextTokens: 2048, slots: 2 });
    const [model] = await engine.models(never);
    expect(model).toMatchObject({ contextLoaded: { value: 2048 }, slots: { value: 2 } });
    expect(model && (await engine.slots(model, never))).toMatchObject({
      slots: { value: 2 },
      poolTokens: { value: 2048 },
      sharing: "slot",
    });
  });

  test("2.6: more calls than slots wait with us, where they are seen, and not in its queue", async () => {
    const both = together(2);
    const startedBy: number[] = [];
    let started = 0;
    const reply = async () => {
      await both();
      startedBy.push(started);
      return { text: "one two" };
    };
    const { fake, engine } = await start({ slots: 2, contextTokens: 4096, reply });
    const [found = { id: "none" }] = await engine.models(never);
    const model = await seatModel(engine, found, {}, never);
    const call = async (): Promise<void> => {
      for await (const { type } of callModel(model, question, { clock: systemClock() }, never)) if (type === "started") started += 1;
    };
    await Promise.all([1, 2, 3, 4, 5].map(call));
    expect(startedBy.slice(0, 2)).toEqual([2, 2]);
    expect([started, fake.maxOpen]).toEqual([5, 2]);
  });

  test("2.2: slots that are not told are not waited for", async () => {
    const engine = await pages({ "/v1/models": { data: [{ id: "m", owned_by: "llamacpp" }] } });
    await expect(engine.freed?.(() => 0)).resolves.toBeUndefined();
    expect(await engine.advice(never)).toEqual([expect.stringContaining("--no-slots")]);
  });

  test("10.2: before their first use slots tell less, and are free all the same", async () => {
    const slot = { id: 0, n_ctx: 2048, speculative: false, is_processing: false };
    const engine = await pages({ "/slots": [slot, { ...slot, id: 1 }], "/v1/models": { data: [] } });
    await expect(engine.freed?.(() => 0)).resolves.toBeUndefined();
  });
});

describe("a router of many models", () => {
  test("2.7, 8.3.3: a model is loaded once for all who ask at once", async () => {
    const { fake, engine } = await start({ models: ["m", "n"], loadMs: 5 });
    const outcomes = await Promise.all([1, 2, 3].map(() => oneCall({ engine })));
    expect(outcomes.map(({ type }) => type)).toEqual(["replied", "replied", "replied"]);
    expect(fake.loads).toEqual(["m"]);
  });

  test("2.7: what it says of each model is read, pages about one model are not taken for all", async () => {
    const data = [
      { id: "a", owned_by: "llamacpp", status: { value: "loaded" } },
      { id: "b", owned_by: "llamacpp", status: { value: "sleeping" } },
      { id: "c", owned_by: "llamacpp", status: { value: "unloaded", failed: true, exit_code: 1 } },
    ];
    const engine = await pages({ "/v1/models": { data }, "/props": { total_slots: 2, default_generation_settings: { n_ctx: 99 } } });
    const models = await engine.models(never);
    expect(models.map(({ id, loaded, contextLoaded }) => [id, loaded?.value, contextLoaded])).toEqual([
      ["a", true, undefined],
      ["b", false, undefined],
      ["c", false, undefined],
    ]);
  });

  test("2.7: a load that fails is told, not waited for", async () => {
    const data = [{ id: "m", owned_by: "llamacpp", status: { value: "unloaded", failed: true, exit_code: 1 } }];
    const engine = await pages({ "/v1/models": { data }, "/models/load": { success: true } });
    await expect(async () => {
      for await (const _ of engine.load?.("m", {}, never) ?? []);
    }).rejects.toMatchObject({ statusCode: 500, responseBody: expect.stringContaining("Failed to load model m") as string });
  });
});
