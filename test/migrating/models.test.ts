import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startFakeLmStudio, startFakeOpenAI } from "../../src/testing/index.ts";
import { massgen, workplace } from "../cli/massgen.ts";
import { cloudsAt, type Recorder, startRecorder } from "../recorder.ts";

/** Whose a model is, and which is asked where none is named (facts, massgen-0.0.7.md 1.4 and 2.4). */
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

async function asked(argv: readonly string[]) {
  const before = recorder.requests.length;
  const ran = await massgen([...argv, "Why?"], { home, environment: { MASSGEN_ENGINES: "", ...cloudsAt(recorder.origin) } });
  return { ...ran, request: recorder.requests[before] };
}

const names: Readonly<Record<string, string>> = {
  openai: "gpt-5 gpt-5-mini gpt-5-nano gpt-4.1 gpt-4.1-mini gpt-4o gpt-4o-mini o1 o3 o3-mini o4-mini gpt-4.1-nano",
  claude:
    "claude-opus-4-1-20250805 claude-opus-4-20250514 claude-sonnet-4-20250514 claude-3-5-sonnet-latest claude-3-5-haiku-latest " +
    "claude-3-5-sonnet-20241022 claude-3-5-haiku-20241022 claude-3-sonnet-20240229 claude-3-opus-20240229 claude-3-haiku-20240307 " +
    "claude-2.1 claude-2.0 claude-instant-1.2 claude-3-7-sonnet-latest",
  gemini: "gemini-2.5-flash gemini-2.5-pro gemini-2.0-flash GEMINI-2.5-PRO",
  grok: "grok-3-mini grok-3 grok-4",
  zai: "glm-4.5 glm-4.5-air",
};

test.each(Object.entries(names).flatMap(([type, models]) => models.split(" ").map((model) => [model, type] as const)))(
  "%s is %s's",
  async (model, type) => {
    const { stdout } = await massgen(["--model", model, "--dry-run", "--json", "Why?"], {
      home,
      environment: { MASSGEN_ENGINES: "", ...cloudsAt(recorder.origin) },
    });
    expect(JSON.parse(stdout)).toMatchObject({ agents: [{ type }] });
  },
);

test.each([
  ["o3-low", "o3", "low"],
  ["o3-medium", "o3", "medium"],
  ["o3-high", "o3", "high"],
  ["o3-mini-low", "o3-mini", "low"],
  ["o3-mini-high", "o3-mini", "high"],
  ["o4-mini-medium", "o4-mini", "medium"],
])("%s asks %s with effort %s", async (name, model, effort) => {
  const { request } = await asked(["--model", name]);
  expect(request?.body).toMatchObject({ model, reasoning: { effort } });
});

test("a name nobody knows: the backend must be said", async () => {
  expect(await asked(["--model", "my-own-model"])).toMatchObject({ code: 1, request: undefined });
});

test("an empty name is refused", async () => {
  expect(await asked(["--model", ""])).toMatchObject({ code: 64, request: undefined });
});

test.each([
  ["openai", "gpt-5-mini"],
  ["claude", "claude-sonnet-4-5"],
  ["grok", "grok-4.3"],
  ["zai", "glm-4.5"],
])("%s asks %s where no model is named", async (type, model) => {
  expect((await asked(["--backend", type])).request?.body["model"]).toBe(model);
});

test("gemini asks gemini-2.5-flash where no model is named", async () => {
  expect((await asked(["--backend", "gemini"])).request?.path).toContain("/models/gemini-2.5-flash:");
});

test("chatcompletion takes the model its server has", async () => {
  const server = await startFakeOpenAI({ reply: { text: "Because." }, models: ["only"] });
  const { code } = await massgen(["--backend", "chatcompletion", "--base-url", server.baseUrl, "Why?"], { home });
  expect([code, server.requests[0]?.body.model]).toEqual([0, "only"]);
  await server.close();
});

test("CFG-5: lmstudio takes the model it has", async () => {
  const lmStudio = await startFakeLmStudio({ models: [{ id: "qwen", loaded: true }] });
  const { code } = await massgen(["--backend", "lmstudio", "--base-url", lmStudio.origin, "Why?"], { home });
  expect([code, lmStudio.requests.at(-1)?.body.model]).toEqual([0, "qwen"]);
  await lmStudio.close();
});
