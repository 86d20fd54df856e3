import { describe, expect, test } from "vitest";
import { cloudKeysIn, findKey, secretsAmong } from "./keys.ts";

const environment = {
  OPENAI_API_KEY: "sk-open",
  GROQ_API_KEY: "gsk-groq",
  TOGETHER_API_KEY: " tg ",
  LM_API_TOKEN: "lm-token",
  ZAI_API_KEY: "",
};

describe("BE-2, BE-11: a key goes to its own host only", () => {
  test.each([
    ["https://api.openai.com/v1", { key: "sk-open" }],
    ["https://api.groq.com/openai/v1", { key: "gsk-groq" }],
    ["https://api.together.xyz/v1", { key: "tg" }],
    ["https://api.together.ai/v1", { key: "tg" }],
    ["https://api.cerebras.ai/v1", { missing: "CEREBRAS_API_KEY" }],
    ["https://api.z.ai/api/paas/v4", { missing: "ZAI_API_KEY" }],
    ["https://openrouter.ai/api/v1", { missing: "OPENROUTER_API_KEY" }],
    ["https://api.openai.com.evil.example/v1", {}],
    ["https://api.groq.com.evil.example/openai/v1", {}],
    ["https://evil.example/api.groq.com/v1", {}],
    ["https://api.fireworks.ai/inference/v1", { missing: "FIREWORKS_API_KEY" }],
    ["https://api.studio.nebius.ai/v1", { missing: "NEBIUS_API_KEY" }],
    ["https://api.studio.nebius.com/v1", { missing: "NEBIUS_API_KEY" }],
    ["https://api.moonshot.cn/v1", { missing: "MOONSHOT_API_KEY" }],
    ["https://evil-api.openai.com/v1", {}],
    ["https://api.openai.com./v1", {}],
    ["https://api.openai.com:8443/v1", {}],
    ["https://api.openai.com:443/v1", { key: "sk-open" }],
    ["https://API.OpenAI.com/v1", { key: "sk-open" }],
    ["https://api.openai.com@evil.example/v1", {}],
    ["https://api.openai.com%2eevil.example/v1", {}],
    ["https://\u0430pi.openai.com/v1", {}],
    ["https://[::ffff:104.18.7.192]/v1", {}],
    ["https://constructor/v1", {}],
    ["http://127.0.0.1:8000/v1", {}],
  ])("%s gets %j", (url, expected) => {
    expect(findKey(url, undefined, environment, false)).toEqual(expected);
  });

  test("a configured key comes first, an empty one is none", () => {
    expect(findKey("https://api.openai.com/v1", "mine", environment, false)).toEqual({ key: "mine" });
    expect(findKey("https://api.openai.com/v1", " ", environment, false)).toEqual({ key: "sk-open" });
  });
});

test.each([
  ["http://127.0.0.1:1234/v1", environment, { key: "lm-token" }],
  ["http://127.0.0.1:1234/v1", {}, { key: "lm-studio" }],
  ["http://192.168.1.2:1234/v1", environment, { key: "lm-studio" }],
])("LM Studio at %s: its token stays on this machine", (url, variables, expected) => {
  expect(findKey(url, undefined, variables, true)).toEqual(expected);
});

test.each([
  ["http://api.openai.com/v1", "sk-1", true],
  ["http://8.8.8.8/v1", "sk-1", true],
  ["http://8.8.8.8/v1", "EMPTY", false],
  ["http://192.168.1.2/v1", "sk-1", false],
  ["http://127.0.0.1/v1", "sk-1", false],
  ["https://8.8.8.8/v1", "sk-1", false],
])("%s with %s is warned about: %s", (url, key, warned) => {
  expect("warning" in findKey(url, key, {}, false)).toBe(warned);
});

test("placeholders are no secrets", () => {
  expect(secretsAmong(["lm-studio", "EMPTY", "", "sk-1", "sk-1", "none"])).toEqual(["sk-1"]);
});

test("keys of clouds in the environment, by name only", () => {
  expect(cloudKeysIn(environment)).toEqual(["OPENAI_API_KEY", "GROQ_API_KEY", "TOGETHER_API_KEY"]);
});
