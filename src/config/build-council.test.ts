import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { tinyGguf } from "../../test/engines/tiny-gguf.ts";
import type { Failure } from "../core/facts/outcome.ts";
import { probeServer, type ServerProbe } from "../models/backends/chatcompletion/probe-server.ts";
import { discover } from "../models/engines/discover.ts";
import { type FakeServer, startFakeOpenAI } from "../testing/fake-openai-server.ts";
import { buildCouncil } from "./build-council.ts";
import { quietSurroundings } from "../../test/quiet-surroundings.ts";
import type { Missing, Surroundings } from "./council.ts";
import { rebuildCouncil } from "./rebuild-council.ts";
import type { AgentConfig, BackendConfig } from "./schema.ts";

const signal = new AbortController().signal;
const refusal: Failure = { kind: "not-running", message: "Nothing answers at 127.0.0.1.", retryable: true };
const failure: Failure = { kind: "timeout", message: "It did not answer in time.", retryable: true };
const local = "http://127.0.0.1:8000/v1";

let folder = "";
let asked: string[] = [];
let offered: Missing[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "massgen-build-"));
  await writeFile(join(folder, "mine.gguf"), tinyGguf({ "general.architecture": "llama", "llama.context_length": 2048 }));
});
afterEach(() => {
  asked = [];
  offered = [];
});
afterAll(() => rm(folder, { recursive: true }));

function around(probe: ServerProbe | Failure | typeof probeServer, environment: Surroundings["environment"] = {}): Surroundings {
  return quietSurroundings({
    environment,
    folders: { models: folder, engines: join(folder, "engines"), workspaces: join(folder, "workspaces") },
    offer: async (missing) => {
      offered.push(missing);
    },
    discover,
    probe: async (baseUrl, options, ...rest) => {
      asked.push(`${baseUrl} ${options.apiKey ?? ""}`.trim());
      return typeof probe === "function" ? probe(baseUrl, options, ...rest) : probe;
    },
  });
}

const agent = (id: string, backend: Partial<BackendConfig> = {}): AgentConfig => ({
  id,
  backend: { type: "chatcompletion", base_url: local, model: "qwen", ...backend },
});

const vllm: ServerProbe = { kind: "vllm", models: [{ id: "qwen", contextTokens: 8192 }], slots: 5 };

describe("agents on servers", () => {
  test("one question for all agents of a server; what it says is used", async () => {
    const one: AgentConfig = {
      ...agent("a", { temperature: 0.2, top_p: 0.9, top_k: 3, seed: 4, max_tokens: 5 }),
      system_message: "Be brief.",
    };
    const { seats, notices, secrets } = await buildCouncil({ agents: [one, agent("b", { context_length: 1000 })] }, around(vllm), signal);
    expect(asked).toEqual([local]);
    expect(seats).toMatchObject([
      {
        id: "a",
        persona: "Be brief.",
        model: {
          name: "chatcompletion/qwen",
          contextTokens: 8192,
          sampling: { temperature: 0.2, topP: 0.9, topK: 3, seed: 4, maxTokens: 5 },
        },
      },
      { id: "b", model: { contextTokens: 1000, sampling: {} } },
    ]);
    expect(seats[1]).not.toHaveProperty("persona");
    expect(seats[0]?.model.experience).toBe(seats[1]?.model.experience);
    expect(seats[0]?.model.queue).toBe(seats[1]?.model.queue);
    expect([notices, secrets]).toEqual([[], []]);
  });

  test.each<[string, ServerProbe, string | undefined]>([
    ["the only one", { kind: "vllm", models: [{ id: "only" }] }, "only"],
    ["the only one to talk with", { kind: "ollama", models: [{ id: "bge-embed" }, { id: "only" }] }, "only"],
    ["the only one loaded", { kind: "lmstudio", models: [{ id: "one" }, { id: "only", contextTokens: 9 }] }, "only"],
  ])("no model named: %s is taken", async (_, probe, model) => {
    const { setup } = await buildCouncil(
      { agents: [{ id: "a", backend: { type: "chatcompletion", base_url: local } }] },
      around(probe),
      signal,
    );
    expect(setup).toMatchObject({ agents: [{ backend: { model } }] });
  });

  test.each<[string, ServerProbe | Failure, string]>([
    ["several", { kind: "ollama", models: [{ id: "x" }, { id: "y" }] }, "http://127.0.0.1:8000 offers several: x, y."],
    ["none", { kind: "ollama", models: [] }, "http://127.0.0.1:8000 offers none."],
    ["silence", failure, "the server could not be asked: It did not answer in time."],
  ])("no model named and %s there", async (_, probe, sentence) => {
    const backend: BackendConfig = { type: "chatcompletion", base_url: local };
    const building = buildCouncil({ agents: [{ id: "a", backend, place: "c.yaml:2:3" }] }, around(probe), signal);
    await expect(building).rejects.toMatchObject({
      code: "config",
      message: `No model is named for agent "a" (c.yaml:2:3), and ${sentence}`,
      hint: "Name one: model in the config, --model on the command line.",
    });
  });

  test.each<[string, ServerProbe | Failure, readonly string[]]>([
    ["qwen3", { kind: "vllm", models: [{ id: "qwen" }] }, ['did you mean "qwen"?']],
    ["gpt", { kind: "vllm", models: [{ id: "a" }, { id: "b" }] }, ["it lists a, b."]],
    ["4b", { kind: "lmstudio", models: [{ id: "qwen/qwen3-4b-2507" }, { id: "x" }] }, ['did you mean "qwen/qwen3-4b-2507"?']],
    ["whatever", { kind: "llamacpp", models: [{ id: "loaded.gguf" }] }, []],
    ["whatever", { kind: "vllm", models: [] }, []],
    ["whatever", failure, []],
  ])("the model %s where the server says %j", async (model, probe, expected) => {
    const { notices } = await buildCouncil({ agents: [agent("a", { model })] }, around(probe), signal);
    expect(notices).toEqual(expected.map((end) => `http://127.0.0.1:8000 does not list the model "${model}" of agent "a"; ${end}`));
  });

  test("Ollama, which tags its models and does not tell its context", async () => {
    const ollama: ServerProbe = { kind: "ollama", models: [{ id: "q:latest" }] };
    const { notices, seats } = await buildCouncil({ agents: [agent("a", { model: "q" })] }, around(ollama), signal);
    expect(notices).toEqual([expect.stringContaining("4096 tokens are assumed")]);
    expect(seats[0]?.model.contextTokens).toBe(4_096);
  });

  test.each([
    ["http://127.0.0.1:1234/v1", "Start it (LM Studio: lms server start), or correct its address (base_url)."],
    ["http://localhost:11434/v1", "Start it (Ollama: ollama serve), or correct its address (base_url)."],
    ["http://127.0.0.1:9/v1", "Start the server, or correct its address (base_url)."],
  ])("nobody listens at %s", async (url, hint) => {
    const building = buildCouncil({ agents: [agent("a", { base_url: url }), agent("b", { base_url: url })] }, around(refusal), signal);
    const message = `No server answers at ${new URL(url).origin} (agent "a", agent "b").`;
    await expect(building).rejects.toMatchObject({ code: "config", message, hint });
  });

  test("nobody listens, and no model is named", async () => {
    const backend: BackendConfig = { type: "llamacpp", base_url: "http://127.0.0.1:59998/v1" };
    await expect(buildCouncil({ agents: [{ id: "a", backend }] }, around(refusal), signal)).rejects.toMatchObject({
      message: 'No server answers at http://127.0.0.1:59998 (agent "a").',
      hint: "Start it (llama.cpp: llama-server -m FILE.gguf), or correct its address (base_url).",
    });
  });

  test("a server with a great many models, and none is named", async () => {
    const many = Array.from({ length: 9_000 }, (_, index) => ({ id: `model-${index}` }));
    const probe: typeof probeServer = async () => ({ ...vllm, models: many });
    const building = buildCouncil({ agents: [agent("a", { model: undefined })] }, around(probe), signal);
    await expect(building).rejects.toThrow(/offers several: model-0, model-1, model-2, model-3, model-4, …\.$/u);
  });

  test("a server that is down does not stop the others", async () => {
    const probe: typeof probeServer = async (url) => (url === local ? vllm : refusal);
    const { seats, notices } = await buildCouncil(
      { agents: [agent("a"), agent("b", { base_url: "http://127.0.0.1:9/v1" })] },
      around(probe),
      signal,
    );
    expect(seats.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(notices).toEqual(['No server answers at http://127.0.0.1:9: agent "b" needs one.']);
  });
});

describe("44. keys", () => {
  const cloud = agent("a", { base_url: "https://api.groq.com/openai/v1" });

  test("the host's own is used, is a secret, and is not in the setup", async () => {
    const plan = { agents: [cloud, agent("b", { api_key: "sk-of-the-config" })], secrets: ["from-the-file"] };
    const { secrets, setup } = await buildCouncil(plan, around(vllm, { GROQ_API_KEY: "gsk-groq", OPENAI_API_KEY: "sk-open" }), signal);
    expect(secrets).toEqual(["from-the-file", "gsk-groq", "sk-of-the-config"]);
    expect(asked).toEqual([`${local} sk-of-the-config`]);
    expect(JSON.stringify(setup)).not.toMatch(/gsk|sk-/);
  });

  test("a cloud without its key is refused, all at once", async () => {
    const other = agent("b", { base_url: "https://api.cerebras.ai/v1" });
    await expect(buildCouncil({ agents: [cloud, other] }, around(vllm, { OPENAI_API_KEY: "sk-open" }), signal)).rejects.toMatchObject({
      code: "config",
      message: 'There is no key for api.groq.com, which agent "a" uses.\nThere is no key for api.cerebras.ai, which agent "b" uses.',
      hint: "Set the variable GROQ_API_KEY, or api_key in the config.\nSet the variable CEREBRAS_API_KEY, or api_key in the config.",
    });
    expect(asked).toEqual([]);
  });

  test("an unencrypted address is warned about", async () => {
    const plan = { agents: [agent("a", { base_url: "http://8.8.8.8/v1", api_key: "sk-1234" })] };
    expect((await buildCouncil(plan, around(failure), signal)).notices[0]).toContain("travels unencrypted");
  });

  test("on the wire: the key and the fields of the body arrive", async () => {
    const server: FakeServer = await startFakeOpenAI({ reply: { text: "hello" }, models: ["qwen"], apiKey: "sk-wire-1234" });
    try {
      const one = agent("a", { base_url: server.baseUrl, api_key: "sk-wire-1234", extra_body: { keep_alive: 5 } });
      const { seats } = await buildCouncil({ agents: [one] }, around(probeServer), signal);
      const model = seats[0]?.model;
      const always = model?.providerOptions?.always ?? {};
      const prompt = [{ role: "user" as const, content: [{ type: "text" as const, text: "hi" }] }];
      const answer = await model?.languageModel.doStream({ prompt, providerOptions: always });
      await answer?.stream.cancel();
      expect(server.requests[0]?.headers.authorization).toBe("Bearer sk-wire-1234");
      expect(server.requests[0]?.body).toMatchObject({ model: "qwen", keep_alive: 5 });
    } finally {
      await server.close();
    }
  });
});

test("a port of this machine where really nobody listens", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => {
    server.once("listening", resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  await expect(buildCouncil({ agents: [agent("a", { base_url: url })] }, around(probeServer), signal)).rejects.toThrow(
    "No server answers at",
  );
});

describe("embedded agents", () => {
  const embedded = (id: string, backend: Partial<BackendConfig> = {}): AgentConfig => ({ id, backend: { type: "embedded", ...backend } });
  const mine = () => join(folder, "mine.gguf");

  test("share one model, whichever way it is named", async () => {
    const agents = [
      embedded("a", { model: mine() }),
      embedded("b", { model: "mine" }),
      embedded("c", { context_length: 1024, temperature: 1 }),
    ];
    const { seats, setup } = await buildCouncil({ agents }, around(failure), signal);
    expect(new Set(seats.map(({ model }) => model.queue)).size).toBe(1);
    expect(seats[2]?.model).toMatchObject({ name: "embedded/mine", contextTokens: 1024, sampling: { temperature: 1 } });
    expect(setup).toMatchObject({ agents: agents.map(() => ({ backend: { type: "embedded", model: mine() } })) });
    expect(offered).toEqual(agents.map(() => ({ engine: true })));
  });

  test.each([
    ["./nothing.gguf", "model-file", /nothing\.gguf/],
    ["minee", "config", /There is no model "minee" for the embedded engine\./],
  ])("%s is refused before anything is fetched", async (model, code, message) => {
    const building = buildCouncil({ agents: [embedded("a", { model })] }, around(failure), signal);
    await expect(building).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
    expect(offered).toEqual([]);
  });

  test("a model of the catalogue that is not here is offered", async () => {
    const building = buildCouncil({ agents: [embedded("a", { model: "smollm2-360m-instruct" })] }, around(failure), signal);
    await expect(building).rejects.toMatchObject({ code: "model-file" });
    expect(offered).toMatchObject([{ engine: true, model: { name: "SmolLM2-360M-Instruct" } }]);
  });
});

describe("built again", () => {
  const file = () => join(folder, "council.yaml");
  const config = (key: string, host = "127.0.0.1:8000") =>
    writeFile(
      file(),
      `agent: {id: a, backend: {type: chatcompletion, model: other, base_url: 'http://${host}/v1', api_key: ${key}, ttl: 5}}`,
    );
  const recorded = async () => {
    const plan = { agents: [{ ...agent("a", { api_key: "sk-old-1234", temperature: 0.3 }), place: "council.yaml:1:1" }], file: file() };
    return JSON.parse(JSON.stringify((await buildCouncil(plan, around(vllm), signal)).setup)) as unknown;
  };

  test("with the key of its config, everything else as recorded", async () => {
    const setup = await recorded();
    await config("sk-new-1234");
    const council = await rebuildCouncil(setup, around(vllm), signal);
    expect(asked.at(-1)).toBe(`${local} sk-new-1234`);
    expect(council.secrets).toEqual(["sk-new-1234"]);
    expect(council.seats[0]?.model).toMatchObject({ name: "chatcompletion/qwen", sampling: { temperature: 0.3 } });
    expect(council.notices).toEqual([]);
    expect(council.setup).toMatchObject({ ...(setup as object), agents: [{ id: "a", backend: { extra_body: { ttl: 5 } } }] });
  });

  test("the key goes to no other host than the config's", async () => {
    const setup = await recorded();
    await config("sk-new-1234", "127.0.0.1:9999");
    await rebuildCouncil(setup, around(vllm), signal);
    expect(asked.at(-1)).toBe(local);
  });

  test("with the key of the profile it had, from the .env beside its config", async () => {
    const plan = { agents: [agent("a", { api_key: "sk-old-1234" })], file: file(), profile: "mine" };
    const { setup } = await buildCouncil(plan, around(vllm), signal);
    await config("sk-new-1234");
    await writeFile(
      file(),
      `${await readFile(file(), "utf8")}\nprofiles: {mine: {agents: {a: {backend: {api_key: '\${PROFILE_KEY}'}}}}}\n`,
    );
    await writeFile(join(folder, ".env"), "PROFILE_KEY=sk-profile-1234\n");
    const council = await rebuildCouncil(setup, around(vllm), signal);
    await rm(join(folder, ".env"));
    expect(asked.at(-1)).toBe(`${local} sk-profile-1234`);
    expect(council.setup).toMatchObject({ profile: "mine" });
  });

  test("without its config, from the environment, with a notice", async () => {
    const setup = await recorded();
    await rm(file(), { force: true });
    const { notices } = await rebuildCouncil(setup, around(vllm), signal);
    expect(notices).toEqual([
      `The config of this run cannot be read any more, so keys come from the environment alone: There is no config file ${file()}.`,
    ]);
    await expect(rebuildCouncil(setup, { ...around(vllm), configFile: file() }, signal)).rejects.toThrow("There is no config file");
  });

  test("a run without a config needs none", async () => {
    const { setup } = await buildCouncil({ agents: [agent("a")] }, around(vllm), signal);
    expect((await rebuildCouncil(setup, around(vllm), signal)).seats).toHaveLength(1);
  });

  test("times stay what they were", async () => {
    const engine: AgentConfig = { id: "a", backend: { type: "ollama", base_url: "http://127.0.0.1:65431/v1", model: "m", ttl: 600_000 } };
    const down = { agents: [engine, agent("b")] };
    const { setup } = await buildCouncil(down, around(vllm), signal);
    const again = await rebuildCouncil(JSON.parse(JSON.stringify(setup)), around(vllm), signal);
    expect(again.setup).toEqual(setup);
    expect(setup).toMatchObject({ agents: [{ backend: { ttl: 600_000 } }, {}] });
  });

  test("the key of OPENAI_BASE_URL goes there again, and nowhere else", async () => {
    const environment = { OPENAI_BASE_URL: local, OPENAI_API_KEY: "sk-there-1234" };
    const first: AgentConfig = { id: "a", backend: { type: "openai", model: "gpt-5" } };
    const { setup, secrets } = await buildCouncil({ agents: [first] }, around(vllm, environment), signal);
    expect([setup, secrets]).toMatchObject([{ agents: [{ backend: { base_url: local } }] }, ["sk-there-1234"]]);
    expect((await rebuildCouncil(setup, around(vllm, environment), signal)).secrets).toEqual(["sk-there-1234"]);
    const moved = { ...environment, OPENAI_BASE_URL: "http://127.0.0.1:9/v1" };
    expect((await rebuildCouncil(setup, around(vllm, moved), signal)).secrets).toEqual([]);
  });

  test.each([undefined, {}, { agents: [] }, { agents: [{ id: "a" }] }])("%j is no setup", async (setup) => {
    await expect(rebuildCouncil(setup, around(vllm), signal)).rejects.toMatchObject({ code: "config" });
  });
});
