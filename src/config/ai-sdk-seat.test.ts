import { join } from "node:path";
import { expect, test } from "vitest";
import { folderWith, providerModule } from "../../test/backends/installed-packages.ts";
import { quietSurroundings } from "../../test/quiet-surroundings.ts";
import { systemClock } from "../models/clock.ts";
import { outcomeOf } from "../models/trial/outcome-of.ts";
import { aiSdkSeat } from "./ai-sdk-seat.ts";
import { buildCouncil } from "./build-council.ts";
import type { Environment } from "./interpolate.ts";
import { readConfig } from "./load-config.ts";
import { rebuildCouncil } from "./rebuild-council.ts";
import type { BackendConfig } from "./schema.ts";

const { signal } = new AbortController();

interface Seen {
  readonly settings: { readonly [name: string]: unknown };
  readonly options: { readonly [name: string]: unknown };
}

async function seen(folder: string, name = "thing"): Promise<readonly Seen[]> {
  const loaded = (await import(join(folder, "node_modules", name, "index.js"))) as { readonly seen: readonly Seen[] };
  return loaded.seen;
}

async function seat(folder: string, backend: Partial<BackendConfig> = {}, environment: Environment = {}) {
  const agent = {
    id: "one",
    place: `${folder}/council.yaml:3:5`,
    backend: { type: "ai_sdk" as const, model: "m-1", ...backend, fields: { package: "thing", ...backend.fields } },
  };
  return aiSdkSeat(agent, quietSurroundings({ environment }));
}

async function asked(folder: string, ...more: [Partial<BackendConfig>?, Environment?]) {
  const built = await seat(folder, ...more);
  const prompt = { messages: [{ role: "user", text: "Hi" }] as const, maxOutputTokens: 50, maxTextTokens: 50 };
  const outcome = await outcomeOf(built.seat.model, prompt, systemClock(), signal);
  return { ...built, outcome, call: (await seen(folder)).at(-1) };
}

test.each(["v2", "v3", "v4"] as const)("a package made for %s of the AI SDK's interface answers", async (version) => {
  const { outcome, seat } = await asked(folderWith({ thing: providerModule(version) }));
  expect(outcome).toMatchObject({ type: "replied", text: "Hello.", usage: { inputTokens: 7, outputTokens: 3, cachedInputTokens: 2 } });
  expect(seat.model.name).toBe("thing-cloud/m-1");
});

test("what the config says reaches the package: settings, key, address, sampling and its own options", async () => {
  const { call, secrets } = await asked(folderWith({ thing: providerModule("v4") }), {
    api_key: "my-own-secret",
    base_url: "https://api.thing.example/v9",
    temperature: 0.3,
    fields: {
      package: "thing",
      provider_settings: { headers: { Authorization: "Basic 12345678", "x-team": "blue" }, region: "eu" },
      provider_options: { effort: "low" },
    },
  });
  expect(call?.settings).toMatchObject({
    apiKey: "my-own-secret",
    baseURL: "https://api.thing.example/v9",
    region: "eu",
    headers: { "x-team": "blue" },
    fetch: expect.any(Function),
  });
  expect(call?.options).toMatchObject({
    temperature: 0.3,
    providerOptions: { "thing-cloud": { effort: "low" }, thingCloud: { effort: "low" }, cloud: { effort: "low" } },
  });
  expect(secrets).toEqual(["my-own-secret", "Basic 12345678"]);
});

test("BE-2, BE-11: at an address of the config the package never gets the key of its own cloud", async () => {
  const folder = folderWith({ thing: providerModule("v4") });
  const keys = { THING_API_KEY: "key-of-thing", GROQ_API_KEY: "key-of-groq" };
  const keyAt = async (base_url?: string, api_key?: string) =>
    (await asked(folder, { ...(base_url && { base_url }), ...(api_key && { api_key }) }, keys)).call?.settings["apiKey"];
  expect(await keyAt()).toBe("key-of-thing");
  expect(await keyAt("https://elsewhere.example")).toBe("");
  expect(await keyAt("https://api.groq.com.evil.example/v1")).toBe("");
  expect(await keyAt("https://api.groq.com/openai/v1")).toBe("key-of-groq");
  expect(await keyAt("https://elsewhere.example", "mine")).toBe("mine");
  expect((await asked(folder)).call?.settings).not.toHaveProperty("apiKey");
});

test("what a package may read from the environment is kept out of logs", async () => {
  const environment = { THING_SECRET: "not-to-be-shown", AWS_SESSION_TOKEN: "neither-this", HOME: "/home/me" };
  const { secrets } = await seat(folderWith({ thing: providerModule("v4") }), {}, environment);
  expect(secrets).toEqual(["not-to-be-shown", "neither-this"]);
});

test("files of a prompt take the form that the older versions know", async () => {
  for (const version of ["v2", "v3"] as const) {
    const folder = folderWith({ thing: providerModule(version) });
    const { languageModel } = (await seat(folder)).seat.model;
    const content = [
      { type: "file" as const, mediaType: "image/png", data: { type: "data" as const, data: "AAAA" } },
      { type: "file" as const, mediaType: "image/png", data: { type: "url" as const, url: new URL("https://x.example/a.png") } },
      { type: "file" as const, mediaType: "text/plain", data: { type: "text" as const, text: "x" } },
      { type: "text" as const, text: "What is it?" },
    ];
    const result = await languageModel.doGenerate({
      prompt: [
        { role: "system", content: "Be brief." },
        { role: "user", content },
      ],
    });
    expect(result).toMatchObject({ finishReason: { unified: version === "v2" ? "other" : "stop" }, usage: { inputTokens: { total: 7 } } });
    expect((await seen(folder)).at(-1)?.options["prompt"]).toEqual([
      { role: "system", content: "Be brief." },
      {
        role: "user",
        content: [{ ...content[0], data: "AAAA" }, { ...content[1], data: new URL("https://x.example/a.png") }, content[2], content[3]],
      },
    ]);
  }
});

test.each([
  [providerModule("v1"), "is made for another version of the AI SDK (its models are v1; v2 to v4 are used here)."],
  ["export const createThing = () => ({ languageModel: () => ({ doStream() {} }) })", "is made for another version of the AI SDK"],
  ["export const createThing = () => ({})", "makes no language model."],
  ["export const createThing = () => () => 'text'", "makes no language model."],
  ["export const createThing = () => null", "makes no language model."],
  ["export const createThing = () => { throw new Error('resourceName is missing.\\n  at x') }", "cannot be used: resourceName is missing."],
  ["throw 'nothing works'", "cannot be used: nothing works"],
  ["export const nothing = 1", "has no create… function."],
])("a package that is no provider is told by one sentence (%#)", async (text, why) => {
  await expect(seat(folderWith({ thing: text }))).rejects.toThrow(why);
});

test("a package that is not installed is named with the command that installs it", async () => {
  await expect(seat(folderWith({}), { fields: { package: "@ai-sdk/absent" } })).rejects.toMatchObject({
    message: expect.stringMatching(/^The package @ai-sdk\/absent, which agent "one" \(\S+council\.yaml:3:5\) uses, is not installed\.$/u),
    hint: "npm install @ai-sdk/absent",
  });
});

test("package_folder says where else it is, beside the config", async () => {
  const folder = folderWith({});
  const elsewhere = folderWith({ thing: providerModule("v4") });
  const { backend } = await seat(folder, { fields: { package: "thing", package_folder: elsewhere } });
  expect(backend.fields).toEqual({ package: "thing", package_folder: elsewhere });
  await expect(seat(elsewhere, { fields: { package: "thing", package_folder: "sub" } })).resolves.toBeDefined();
});

const yaml = (backend: string): string => `agents:\n  - id: one\n    backend:\n      ${backend.replaceAll("\n", "\n      ")}\n`;
const problems = (backend: string): unknown => {
  try {
    return readConfig("council.yaml", yaml(backend), {}).agents[0]?.backend;
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
};

test.each([
  [
    "type: ai-sdk\npackage: thing\nmodel: m\nfoo_bar: 3",
    { type: "ai_sdk", model: "m", fields: { package: "thing" }, extra_body: { foo_bar: 3 } },
  ],
  ["package: thing\nmodel: m", { type: "ai_sdk" }],
  ["type: ai_sdk\npackage: thing\nmodel: m\nbase_url: https://x.example", { base_url: "https://x.example" }],
])("a config reads %j", (backend, read) => {
  expect(problems(backend)).toMatchObject(read);
});

test.each([
  ["type: ai_sdk", /package of agent "one" is missing: .*\n.*model of agent "one" is missing/u],
  ["type: ai_sdk\nmodel: m\npackage: ./evil.js", /package of agent "one" must be the name of an npm package, such as @ai-sdk\/groq/u],
  [
    "type: ai_sdk\nmodel: m\npackage: thing\nprovider_settings: { baseURL: https://x.example }",
    /provider_settings of agent "one" must not hold baseURL/u,
  ],
  ["type: ai_sdk\nmodel: m\npackage: thing\nprovider_exports: createThing", /did you mean "provider_export"/u],
])("a config says what is wrong with %j", (backend, why) => {
  expect(problems(backend)).toMatch(why);
});

test("a run goes on with the same package, and with settings from the file: they are not in the log", async () => {
  const folder = folderWith({ thing: providerModule("v4") });
  const file = join(folder, "council.yaml");
  const text = yaml("package: thing\nmodel: m\nprovider_settings: { secretAccessKey: very-secret-indeed }");
  const { writeFileSync } = await import("node:fs");
  writeFileSync(file, text);
  const config = readConfig(file, text, {});
  const { setup } = await buildCouncil({ agents: config.agents, secrets: config.secrets, file }, quietSurroundings(), signal);
  expect(JSON.stringify(setup)).not.toContain("very-secret");
  expect(setup).toMatchObject({ agents: [{ backend: { fields: { package: "thing", package_folder: folder } } }] });
  const again = await rebuildCouncil(setup, quietSurroundings(), signal);
  expect(again.secrets).toContain("very-secret-indeed");
  expect(again.seats[0]?.model.name).toBe("thing-cloud/m");
});
