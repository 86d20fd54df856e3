import { expect, test } from "vitest";
import { childEnvironment } from "./child-environment.ts";

const environment = {
  PATH: "/bin",
  HOME: "/home/ada",
  LC_ALL: "C.UTF-8",
  https_proxy: "http://proxy:1",
  OPENAI_API_KEY: "sk-1",
  GOOGLE_API_KEY: "g",
  AWS_SECRET_ACCESS_KEY: "a",
  ANTHROPIC_API_KEY: "sk-ant-1",
  CLAUDE_CONFIG_DIR: "/home/ada/claude",
  CLAUDE_CODE_OAUTH_TOKEN: "token",
};
const settings = { environment, baseUrl: undefined, configFolder: undefined };

test("the program gets what it needs to run, and no key", () => {
  const given = childEnvironment({ ...settings, configFolder: "/own" });
  expect(given).toMatchObject({
    PATH: "/bin",
    HOME: "/home/ada",
    LC_ALL: "C.UTF-8",
    https_proxy: "http://proxy:1",
    CLAUDE_CONFIG_DIR: "/own",
  });
  for (const name of Object.keys(given)) expect(name).not.toMatch(/API_KEY|SECRET|TOKEN$/u);
});

test("its own login is for itself alone: never beside a key, never for another host", () => {
  expect(childEnvironment(settings)).toMatchObject({ CLAUDE_CODE_OAUTH_TOKEN: "token", CLAUDE_CONFIG_DIR: "/home/ada/claude" });
  expect(childEnvironment({ ...settings, baseUrl: "http://127.0.0.1:1", configFolder: "/own" })).not.toHaveProperty(
    "CLAUDE_CODE_OAUTH_TOKEN",
  );
});

test("address, limit and, where there is no other way, the key are variables", () => {
  expect(childEnvironment({ ...settings, baseUrl: "http://127.0.0.1:1", maxOutputTokens: 300, apiKey: "sk-ant-2" })).toMatchObject({
    ANTHROPIC_BASE_URL: "http://127.0.0.1:1",
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: "300",
    ANTHROPIC_API_KEY: "sk-ant-2",
  });
});
