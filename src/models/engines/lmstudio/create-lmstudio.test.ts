import { afterAll, afterEach, beforeAll, describe, expect, it, test } from "vitest";
import { oddServer } from "../../../../test/engines/one-call.ts";
import { describeEngine } from "../../../testing/engine-contract.ts";
import type { FakeEngine } from "../../../testing/fake-engines/fake-engine.ts";
import type { FakeLmStudioOptions } from "../../../testing/fake-engines/lmstudio/options.ts";
import { startFakeLmStudio } from "../../../testing/fake-engines/lmstudio/start-fake-lm-studio.ts";
import { failureOf } from "../../failure-of.ts";
import type { Engine, EngineModel } from "../engine.ts";
import { createLmStudio } from "./create-lmstudio.ts";

const never = new AbortController().signal;
const nowhere = { home: "/nowhere", path: "" };
const closing: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

async function start(options: FakeLmStudioOptions = {}): Promise<{ readonly fake: FakeEngine; readonly engine: Engine }> {
  const fake = await startFakeLmStudio({ models: ["a", "b"], ...options });
  closing.push(() => fake.close());
  return { fake, engine: at(fake.origin, options.apiKey) };
}

function at(baseUrl: string, apiKey?: string): Engine {
  return createLmStudio({ baseUrl, lms: nowhere, lookEveryMs: 1, ...(apiKey === undefined ? {} : { apiKey }) });
}

/** A server that answers the same to a path whatever is asked. */
async function answering(bodies: Readonly<Record<string, unknown>>, other: unknown = { error: "Unexpected endpoint or method." }) {
  const server = await oddServer((request, response) => response.end(JSON.stringify(bodies[request.url ?? ""] ?? other)));
  closing.push(async () => server.close());
  return server.origin;
}

async function all<Item>(items: AsyncIterable<Item> | undefined): Promise<readonly Item[]> {
  const found: Item[] = [];
  for await (const item of items ?? []) found.push(item);
  return found;
}

async function sentence(work: Promise<unknown>, engine: Engine): Promise<string> {
  try {
    await work;
  } catch (error) {
    return failureOf(error, engine.name, 0).message;
  }
  return "nothing went wrong";
}

const named = async (engine: Engine, id: string): Promise<EngineModel> =>
  (await engine.models(never)).find((model) => model.id === id) ?? { id: `no ${id}` };

describe.each(["v1", "v0", "openai"] as const)("by its interface %s", (api) => {
  let running: FakeEngine;
  beforeAll(async () => {
    running = await startFakeLmStudio({ api, models: [{ id: "a", loaded: true }, "b"] });
  });
  afterAll(() => running.close());
  describeEngine({ describe, it }, "LM Studio", {
    makeEngine: () => at(running.origin),
    makeAbsent: () => at("http://127.0.0.1:59999"),
    model: "a",
    mayUnload: api === "v1",
  });
});

describe("looking whether it is there", () => {
  test("the greeting counts, not the status: 200 on unknown paths is no LM Studio", async () => {
    const other = at(await answering({ "/v1/models": { object: "list", data: [] } }, { lmstudio: false }));
    expect(await other.probe(never)).toEqual({ type: "other", what: "another server with the OpenAI protocol" });
    const ollama = at(await answering({ "/api/version": { version: "0.17.4" } }));
    expect(await ollama.probe(never)).toEqual({ type: "other", what: "Ollama" });
  });

  test("401: it greets and lets nobody in without the token", async () => {
    const { fake } = await start({ apiKey: "sk-lm-abcdefgh:12345678901234567890" });
    const probe = await at(fake.origin).probe(never);
    expect(probe).toMatchObject({ type: "refused", failure: { kind: "auth" } });
    expect(probe.type === "refused" ? probe.failure.message : "").toMatch(
      /^LM Studio at http:\/\/127\.0\.0\.1:\d+ does not accept the API key \(401\): An LM Studio API token is required/u,
    );
    expect(await at(fake.origin, "sk-lm-abcdefgh:12345678901234567890").probe(never)).toEqual({ type: "ready" });
    await expect(at(fake.origin).models(never)).rejects.toMatchObject({ statusCode: 401 });
  });
});

describe("what its models are", () => {
  test("all that its newest interface tells, embeddings left out", async () => {
    const instance = { id: "q:2", config: { context_length: 8192, parallel: 2 } };
    const entry = {
      type: "llm",
      key: "q",
      quantization: { name: "Q4_K_M", bits_per_weight: 4 },
      size_bytes: 4_700_000_000,
      max_context_length: 40_960,
      capabilities: { vision: false, trained_for_tool_use: true, reasoning: { allowed_options: ["off", "on"], default: "on" } },
      loaded_instances: [instance],
    };
    const embedding = { type: "embedding", key: "nomic", max_context_length: 2048, loaded_instances: [] };
    const bare = { type: "llm", key: "bare", quantization: null, loaded_instances: [], capabilities: null };
    const engine = at(await answering({ "/api/v1/models": { models: [entry, embedding, bare, { type: "llm" }] } }));
    const [q, other, ...more] = await engine.models(never);
    expect(more).toEqual([]);
    expect(other).toEqual({ id: "bare", loaded: { value: false, source: "loaded_instances of /api/v1/models" } });
    expect(
      Object.entries(q ?? {}).map(([name, fact]) => [name, typeof fact === "string" ? fact : (fact as { value: unknown }).value]),
    ).toEqual([
      ["id", "q"],
      ["contextTrained", 40_960],
      ["quantization", "Q4_K_M"],
      ["sizeBytes", 4_700_000_000],
      ["vision", false],
      ["tools", true],
      ["reasoning", true],
      ["loaded", true],
      ["contextLoaded", 8192],
      ["slots", 2],
    ]);
    expect(await engine.slots(q as EngineModel, never)).toMatchObject({
      slots: { value: 2 },
      poolTokens: { value: 8192 },
      sharing: "slot",
    });
    expect(await engine.slots(other as EngineModel, never)).toEqual({ slots: { value: 4, source: "its default" }, sharing: "slot" });
  });

  test("a copy with a name of its own can be named, a second copy is the same model", async () => {
    const config = { context_length: 4096, parallel: 4 };
    const loaded = [
      { id: "q", config },
      { id: "q:2", config },
      { id: "judge", config: { context_length: 512, parallel: 1 } },
    ];
    const engine = at(await answering({ "/api/v1/models": { models: [{ type: "llm", key: "q", loaded_instances: loaded }] } }));
    expect((await engine.models(never)).map(({ id, contextLoaded }) => [id, contextLoaded?.value])).toEqual([
      ["q", 4096],
      ["judge", 512],
    ]);
    expect(await engine.advice(never)).toEqual([
      "judge has one slot, so drafts are written one after the other: load it with lms load judge --parallel 4.",
      "q is in memory 3 times: unload q:2, judge.",
    ]);
  });

  test("200 on unknown paths: older versions are asked on older paths, and what they do not tell stays absent", async () => {
    const { engine, fake } = await start({ api: "v0", models: [{ id: "a", loaded: true, vision: true, contextTokens: 2048 }, "b"] });
    expect(await named(engine, "a")).toMatchObject({ contextLoaded: { value: 2048 }, vision: { value: true }, loaded: { value: true } });
    expect(Object.keys(await named(engine, "b"))).toEqual(["id", "contextTrained", "quantization", "vision", "tools", "loaded"]);
    expect(fake.paths.slice(0, 2)).toEqual(["GET /api/v1/models", "GET /api/v0/models"]);
    const { engine: oldest } = await start({ api: "openai" });
    expect(await oldest.models(never)).toEqual([{ id: "a" }, { id: "b" }]);
  });

  test("a web page instead of a list is a sentence", async () => {
    const engine = at(await answering({}, "<html><title>Login</title></html>"));
    expect(await sentence(engine.models(never), engine)).toMatch(/^LM Studio at http:\S+ (?:answered|sent) /u);
  });

  test("the context is that of the model as it is loaded, or what it can be loaded with", async () => {
    const { engine } = await start({
      models: [
        { id: "a", loaded: true, contextTokens: 4096 },
        { id: "b", contextTrained: 8192 },
      ],
    });
    const [a, b] = await engine.models(never);
    const contexts = [a, b].map((model) => [undefined, 1000, 100_000].map((wanted) => engine.contextOf(model as EngineModel, wanted)));
    expect(contexts).toEqual([
      [4096, 1000, 4096],
      [undefined, 1000, 8192],
    ]);
  });
});

describe("loading", () => {
  test("loaded_instances change after load and unload", async () => {
    const { engine, fake } = await start();
    expect(await all(engine.load?.("a", { contextTokens: 2000 }, never))).toEqual([{}]);
    expect(await named(engine, "a")).toMatchObject({ loaded: { value: true }, contextLoaded: { value: 2000 }, slots: { value: 4 } });
    expect(await all(engine.load?.("a", { contextTokens: 4000 }, never))).toEqual([]);
    expect(fake.loads).toEqual(["a"]);
    await engine.unload?.("a", never);
    expect(await named(engine, "a")).toMatchObject({ loaded: { value: false } });
  });

  test("is done once for all who want it at once, so there is no copy :2", async () => {
    const { engine, fake } = await start({ loadMs: 5 });
    const seen = await Promise.all([1, 2, 3].map(() => all(engine.load?.("a", {}, never))));
    expect([fake.loads, seen]).toEqual([["a"], [[{}], [{}], [{}]]]);
  });

  test("the model that has to leave goes first", async () => {
    const { engine, fake } = await start({ models: [{ id: "a", loaded: true }, "b"], maxLoaded: 1 });
    await all(engine.load?.("b", { instead: "a" }, never));
    expect(fake.paths.filter((line) => line.startsWith("POST"))).toEqual(["POST /api/v1/models/unload", "POST /api/v1/models/load"]);
    expect(await named(engine, "b")).toMatchObject({ loaded: { value: true } });
  });

  test("the context is the largest that any agent of the model wants", async () => {
    const { engine } = await start();
    for (const contextTokens of [4000, 6000, 2000]) engine.languageModel("a", { contextTokens });
    await all(engine.load?.("a", { contextTokens: 2000 }, never));
    expect(await named(engine, "a")).toMatchObject({ contextLoaded: { value: 6000 } });
  });

  test("no more context is asked for than the model was trained for", async () => {
    const { engine } = await start({ models: [{ id: "a", contextTrained: 8192 }] });
    await all(engine.load?.("a", { contextTokens: 100_000 }, never));
    expect(await named(engine, "a")).toMatchObject({ contextLoaded: { value: 8192 } });
  });

  test("a smaller context than was asked for is no success, and the model leaves memory again", async () => {
    const loaded = { status: "loaded", instance_id: "a", load_config: { context_length: 4096 } };
    const listed = { models: [{ type: "llm", key: "a", loaded_instances: [] }] };
    const origin = await answering({ "/api/v1/models": listed, "/api/v1/models/load": loaded });
    expect(await sentence(all(at(origin).load?.("a", { contextTokens: 9000 }, never)), at(origin))).toBe(
      `LM Studio at ${origin} loaded a with a context of 4096 tokens instead of 9000. Ask for less context, or look at the model's settings in LM Studio.`,
    );
  });

  test("what only lms can set is said, where there is no lms", async () => {
    const { engine } = await start();
    await all(engine.load?.("a", { slots: 6, ttlSeconds: 60 }, never));
    expect(await engine.advice(never)).toEqual([
      "a was loaded without 6 slots and an idle time of 60 s: only its command lms, on the engine's own machine, can set that.",
    ]);
  });

  test("load failure, insufficient resources, an unknown model, a version that cannot: one sentence each", async () => {
    const { engine } = await start({ models: ["qwen3-8b", "b"], failLoads: ["b"], memoryBytes: 1 });
    const asked = ["b", "qwen3-8b", "qwen3-8c", "zzz"].map((model) => sentence(all(engine.load?.(model, {}, never)), engine));
    const said = await Promise.all(asked);
    expect(said[0]).toMatch(
      /^LM Studio at http:\S+ could not load the model \(500\): Failed to load model "b"\. Error: Error loading model\.$/u,
    );
    expect(said[1]).toMatch(/^LM Studio at http:\S+ has not enough memory for the model \(500\): .*you can adjust/u);
    expect(said[2]).toMatch(/ \(404\): There is no model "qwen3-8c"; did you mean qwen3-8b\?$/u);
    expect(said[3]).toMatch(/There is no model "zzz"; it has qwen3-8b, b$/u);
    const { engine: old } = await start({ api: "v0" });
    expect(await sentence(all(old.load?.("a", {}, never)), old)).toMatch(/is too old to load, .* Update it to 0\.4 or newer/u);
    expect(await sentence((await start()).engine.unload?.("bb", never) ?? Promise.resolve(), engine)).toContain("did you mean b?");
  });

  test("versions that do not tell what is loaded load on request", async () => {
    const { engine, fake } = await start({ api: "openai" });
    expect(await all(engine.load?.("a", {}, never))).toEqual([]);
    expect(fake.paths.filter((line) => line.startsWith("POST"))).toEqual([]);
  });
});

describe("fetching", () => {
  test("a download shows how far it is and ends with a model that is there", async () => {
    const { engine } = await start({ catalog: [{ id: "new", sizeBytes: 1000 }] });
    const seen = (await all(engine.pull?.("new", never))).map(({ receivedBytes, totalBytes }) => [receivedBytes, totalBytes]);
    expect(seen).toEqual([
      [undefined, 1000],
      [250, 1000],
      [500, 1000],
      [750, 1000],
      [1000, 1000],
    ]);
    expect((await named(engine, "new")).id).toBe("new");
    expect(await all(engine.pull?.("new", never))).toEqual([]);
  });

  test("paused and failed downloads say so", async () => {
    const job = { job_id: "j", status: "paused", total_size_bytes: 10 };
    const path = "/api/v1/models/download";
    const engine = at(await answering({ [path]: job, [`${path}/status/j`]: { ...job, status: "failed", downloaded_bytes: 5 } }));
    const seen: unknown[] = [];
    const pulled = (async () => {
      for await (const progress of engine.pull?.("x", never) ?? []) seen.push(progress);
    })();
    expect(await sentence(pulled, engine)).toMatch(/: The download of x ended as failed; LM Studio shows why\.$/u);
    expect(seen).toEqual([{ totalBytes: 10, doing: "paused in LM Studio" }]);
  });

  test("a state of a download that is not known is shown, not taken for its end", async () => {
    const job = { job_id: "j", status: "verifying" };
    const path = "/api/v1/models/download";
    const engine = at(await answering({ [path]: job, [`${path}/status/j`]: { ...job, status: "completed" } }));
    expect(await all(engine.pull?.("x", never))).toEqual([{ doing: "verifying" }, {}]);
  });

  test("nobody has to wait for its end", async () => {
    const job = { job_id: "j", status: "downloading" };
    const engine = at(await answering({}, job));
    const leave = new AbortController();
    const pulled = (async () => {
      for await (const _ of engine.pull?.("x", leave.signal) ?? []) leave.abort(new Error("enough"));
    })();
    await expect(pulled).rejects.toThrow("aborted");
  });
});
