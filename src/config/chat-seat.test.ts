import { describe, expect, test } from "vitest";
import { quietSurroundings } from "../../test/quiet-surroundings.ts";
import { buildCouncil } from "./build-council.ts";
import type { BuiltSeat } from "./council.ts";
import { readConfig } from "./load-config.ts";
import type { BackendConfig } from "./schema.ts";

async function built(backend: Partial<BackendConfig>, environment: Readonly<Record<string, string>> = {}) {
  const agents = [{ id: "a", backend: { type: "chatcompletion" as const, ...backend } }];
  const { seats, setup } = await buildCouncil({ agents }, quietSurroundings({ environment }), new AbortController().signal);
  return { model: seats[0]?.model as BuiltSeat["seat"]["model"], setup };
}

const GROQ = "https://api.groq.com/openai/v1";

describe("a model at a known provider", () => {
  test.each([
    [GROQ, "Groq/m"],
    ["https://api.cerebras.ai/v1", "Cerebras/m"],
    ["https://api.openai.com/v1", "OpenAI/m"],
    ["https://api.x.ai/v1", "Grok/m"],
  ])("at %s is shown as that provider's", async (base_url, name) => {
    expect((await built({ model: "m", base_url, api_key: "k-12345678" })).model).toMatchObject({ name });
  });

  test("is its usual one where none is named, and nobody is asked for that", async () => {
    const { model, setup } = await built({ base_url: GROQ }, { GROQ_API_KEY: "gsk-12345678" });
    expect(model.name).toBe("Groq/openai/gpt-oss-120b");
    expect(setup).toMatchObject({ agents: [{ backend: { model: "openai/gpt-oss-120b" } }] });
  });

  test("is not asked without its key, and never with another's (BE-2)", async () => {
    await expect(built({ base_url: GROQ, model: "m" }, { OPENAI_API_KEY: "sk-12345678" })).rejects.toThrow(/no key for api\.groq\.com/u);
  });
});

describe("provider and provider_name", () => {
  const sent = (model: BuiltSeat["seat"]["model"]): unknown => model.providerOptions?.always?.["chatcompletion"];

  test.each([
    [{ provider: "Mine" }, "Mine/m"],
    [{ provider_name: " My rack " }, "My rack/m"],
    [{ provider_name: "One", provider: "Two" }, "One/m"],
  ])("%j says who serves a model and is not sent", async (names, name) => {
    const { model } = await built({ model: "m", base_url: GROQ, api_key: "k-12345678", extra_body: { user: "me", ...names } });
    expect(model.name).toBe(name);
    expect(sent(model)).toEqual({ user: "me" });
  });

  test("OpenRouter's provider is a mapping and is sent", async () => {
    const provider = { order: ["groq"] };
    const base_url = "https://openrouter.ai/api/v1";
    const { model } = await built({ model: "m", base_url, api_key: "k-12345678", extra_body: { provider } });
    expect(model.name).toBe("OpenRouter/m");
    expect(sent(model)).toEqual({ provider });
  });
});

test("grok: both ways to search at once are an error before the run, the old one alone is taken for the new", () => {
  const read = (more: string) =>
    readConfig("c.yaml", `agent: { backend: { type: grok, extra_body: { search_parameters: { mode: auto } }${more} } }`, {});
  expect(() => read(", enable_web_search: true")).toThrow(/c\.yaml:1:\d+.*search_parameters/su);
  const { agents, warnings } = read("");
  expect(agents[0]?.backend).toMatchObject({ enable_web_search: true });
  expect(agents[0]?.backend).not.toHaveProperty("extra_body");
  expect(warnings).toEqual([expect.stringContaining("enable_web_search is taken instead")]);
});

test("BE-7: search and code, which MassGen pretended to have here, are said to do nothing", () => {
  const text = `agent: { backend: { type: chatcompletion, model: m, base_url: "${GROQ}", enable_web_search: true, enable_code_interpreter: true } }`;
  const { warnings } = readConfig("c.yaml", text, {});
  expect(warnings).toEqual([expect.stringContaining("enable_web_search"), expect.stringContaining("enable_code_interpreter")]);
});
