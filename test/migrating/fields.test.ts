import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startFakeOpenAI } from "../../src/testing/index.ts";
import { councilServer, councilYaml, massgen, workplace } from "../cli/massgen.ts";
import { cloudsAt, type Recorder, startRecorder } from "../recorder.ts";

/** What each field of a `backend:` section of MassGen 0.0.7 does to a request (facts, massgen-0.0.7.md 2.3). */
const place = workplace();
const home = join(place.folder, "home");
let recorder: Recorder;

beforeAll(async () => {
  recorder = await startRecorder();
});
afterAll(async () => {
  await recorder.close();
  place.remove();
});

/** What a config with this one backend sends first, and what is said about it. */
async function sent(backend: Readonly<Record<string, unknown>>, environment: Readonly<Record<string, string>> = cloudsAt(recorder.origin)) {
  const before = recorder.requests.length;
  const config = place.write("one.json", JSON.stringify({ agent: { id: "a", backend } }));
  const ran = await massgen(["--config", config, "Why?"], { home, environment: { MASSGEN_ENGINES: "", ...environment } });
  return { ...ran, ...recorder.requests[before] };
}

test("model is what is asked", async () => {
  expect((await sent({ type: "zai", model: "glm-4.5-air" })).body).toMatchObject({ model: "glm-4.5-air" });
});

describe("BE-1, BE-11: a key of a config", () => {
  const header = { openai: "authorization", claude: "x-api-key", gemini: "x-goog-api-key", grok: "authorization", zai: "authorization" };
  test.each(Object.entries(header))("BE-1: api_key of %s reaches its server in %s", async (type, name) => {
    const { headers, stdout, stderr } = await sent({ type, api_key: "own-key-0123456789" });
    expect(headers?.[name]).toContain("own-key-0123456789");
    expect(JSON.stringify(headers)).not.toMatch(/sk-|gm-|xai-|zai-/u);
    expect(stdout + stderr).not.toContain("own-key-0123456789");
  });

  test("BE-1: api_key of chatcompletion reaches its server", async () => {
    const { headers } = await sent({ type: "chatcompletion", model: "m", base_url: recorder.origin, api_key: "own-key-0123456789" });
    expect(headers?.authorization).toBe("Bearer own-key-0123456789");
  });
});

test.each(["openai", "claude", "gemini", "grok", "zai"])(
  "CFG-4: base_url of %s is where its requests go, without the key of its cloud",
  async (type) => {
    const { path, headers } = await sent(
      { type, base_url: recorder.origin },
      {
        OPENAI_API_KEY: "sk-never",
        ANTHROPIC_API_KEY: "sk-never",
        GEMINI_API_KEY: "sk-never",
        XAI_API_KEY: "sk-never",
        ZAI_API_KEY: "sk-never",
      },
    );
    expect(path).toBeDefined();
    expect(JSON.stringify(headers)).not.toContain("sk-never");
  },
);

test("a base_url that is the cloud's own says no more than its type: a variable moves it, as zai_glm45.yaml of 0.0.7 writes it", async () => {
  expect((await sent({ type: "zai", base_url: "https://api.z.ai/api/paas/v4/" })).path).toBe("/api/paas/v4/chat/completions");
  expect((await sent({ type: "zai", base_url: "http://127.0.0.1:1/api/paas/v4/" })).path).toBeUndefined();
});

describe("how an agent samples", () => {
  test.each([
    ["chatcompletion", { temperature: 0.7, top_p: 0.8, max_tokens: 300 }],
    ["zai", { temperature: 0.7, top_p: 0.8, max_tokens: 300 }],
  ])("temperature, top_p and max_tokens of %s", async (type, fields) => {
    const { body } = await sent({ type, model: "m", base_url: recorder.origin, ...fields });
    expect(body).toMatchObject(fields);
  });

  test("temperature of claude, gemini, grok and openai", async () => {
    expect((await sent({ type: "claude", model: "claude-3-5-haiku-20241022", temperature: 0.7 })).body).toMatchObject({ temperature: 0.7 });
    expect((await sent({ type: "gemini", temperature: 0.7 })).body).toMatchObject({ generationConfig: { temperature: 0.7 } });
    expect((await sent({ type: "grok", model: "grok-4", temperature: 0.7 })).body).toMatchObject({ temperature: 0.7 });
    expect((await sent({ type: "openai", model: "gpt-4o", temperature: 0.7 })).body).toMatchObject({ temperature: 0.7 });
  });

  test("top_p of claude and gemini", async () => {
    expect((await sent({ type: "claude", model: "claude-3-5-haiku-20241022", top_p: 0.8 })).body).toMatchObject({ top_p: 0.8 });
    expect((await sent({ type: "gemini", top_p: 0.8 })).body).toMatchObject({ generationConfig: { topP: 0.8 } });
  });

  test("max_tokens under the name that each cloud has for it", async () => {
    expect((await sent({ type: "openai", model: "gpt-4o", max_tokens: 300 })).body).toMatchObject({ max_output_tokens: 300 });
    expect((await sent({ type: "claude", max_tokens: 300 })).body).toMatchObject({ max_tokens: 300 });
    expect((await sent({ type: "gemini", max_tokens: 300 })).body).toMatchObject({ generationConfig: { maxOutputTokens: 300 } });
    expect((await sent({ type: "grok", max_tokens: 300 })).body).toMatchObject({ max_output_tokens: 300 });
  });

  test("CFG-7: what a model refuses is left out, and named once", async () => {
    const { body, stderr } = await sent({ type: "openai", model: "gpt-5", temperature: 0.7 });
    expect(body).not.toHaveProperty("temperature");
    expect(stderr.match(/temperature/gu)).toHaveLength(1);
  });
});

describe("openai alone", () => {
  test("text.verbosity", async () => {
    expect((await sent({ type: "openai", model: "gpt-5", text: { verbosity: "high" } })).body).toMatchObject({
      text: { verbosity: "high" },
    });
  });

  test("reasoning.effort and reasoning.summary", async () => {
    const { body } = await sent({ type: "openai", model: "gpt-5", reasoning: { effort: "high", summary: "auto" } });
    expect(body).toMatchObject({ reasoning: { effort: "high", summary: "auto" } });
  });
});

const toolsOf = (body: unknown): string => JSON.stringify((body as { tools?: unknown } | undefined)?.tools ?? []);

describe("tools that the provider runs", () => {
  test.each(["openai", "claude", "gemini", "grok"])("enable_web_search of %s", async (type) => {
    expect(toolsOf((await sent({ type, enable_web_search: true })).body)).toMatch(/search/iu);
    expect(toolsOf((await sent({ type })).body)).not.toMatch(/search/iu);
  });

  test.each(
    ["openai", "claude", "gemini"].flatMap((type) =>
      ["enable_code_interpreter", "enable_code_execution"].map((name) => [name, type] as const),
    ),
  )("CFG-8: %s of %s", async (name, type) => {
    expect(toolsOf((await sent({ type, [name]: true })).body)).toMatch(/code_?(?:interpreter|execution)/iu);
  });

  test("BE-7: enable_web_search of chatcompletion does nothing and says so", async () => {
    const { body, stderr } = await sent({ type: "chatcompletion", model: "m", base_url: recorder.origin, enable_web_search: true });
    expect(toolsOf(body)).toBe("[]");
    expect(stderr).toContain("enable_web_search");
  });
});

describe("what goes to the provider as it is", () => {
  test("extra_body of gemini goes into its generation config, as before", async () => {
    const { body } = await sent({ type: "gemini", extra_body: { responseModalities: ["TEXT"] } });
    expect(body).toMatchObject({ generationConfig: { responseModalities: ["TEXT"] } });
  });

  test.each(["openai", "claude", "grok", "zai"])("extra_body of %s", async (type) => {
    expect((await sent({ type, extra_body: { metadata: { user_id: "u1" } } })).body).toMatchObject({ metadata: { user_id: "u1" } });
  });

  test("other keys are passed on, and one that is near to a known key is an error", async () => {
    expect((await sent({ type: "openai", model: "gpt-5", service_tier: "flex" })).body).toMatchObject({ service_tier: "flex" });
    expect(await sent({ type: "openai", model: "gpt-5", tempratur: 1 })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("temperature") as string,
    });
  });

  test("provider_name and provider are names for people: nothing of them is sent", async () => {
    const { body } = await sent({ type: "chatcompletion", model: "m", base_url: recorder.origin, provider_name: "Mine" });
    expect(body).not.toHaveProperty("provider_name");
  });

  test.each(["cli_command", "working_dir"])("%s is passed on or named", async (name) => {
    const { body, stderr } = await sent({ type: "chatcompletion", model: "m", base_url: recorder.origin, [name]: "x" });
    expect(name in (body ?? {}) || stderr.includes(name)).toBe(true);
  });
});

describe("the section ui", () => {
  const answering = () => startFakeOpenAI({ reply: { text: "Because." }, models: ["only"] });
  const oneAgent = (url: string, ui: object): string =>
    JSON.stringify({ agent: { id: "a", backend: { type: "chatcompletion", model: "only", base_url: url } }, ui });

  test("logging_enabled: false keeps nothing", async () => {
    const server = await councilServer();
    const config = place.write("silent.yaml", councilYaml(server.baseUrl, ["one", "two"], "ui: { logging_enabled: false }\n"));
    const fresh = join(place.folder, "silent");
    expect(await massgen(["--config", config, "Why?"], { home: fresh })).toMatchObject({ code: 0 });
    expect(existsSync(fresh)).toBe(false);
    await server.close();
  });

  test("use_orchestrator_for_single_agent: false streams what the agent says", async () => {
    const server = await answering();
    const config = place.write("direct.json", oneAgent(server.baseUrl, { use_orchestrator_for_single_agent: false }));
    expect(await massgen(["--config", config, "Why?"], { home })).toMatchObject({ code: 0, stdout: "Because.\n" });
    await server.close();
  });
});
