import { expect, test } from "vitest";
import { createChatCompletion } from "./create-chat-completion.ts";
import { chatProviderAt, chatProviders } from "./providers.ts";

test.each(chatProviders)(
  "$title is known at its own address by its host, and its key has a variable",
  ({ baseUrl, hosts, variables, model }) => {
    expect(chatProviderAt(baseUrl)?.hosts).toBe(hosts);
    expect(hosts).toContain(new URL(baseUrl).hostname);
    expect(new URL(baseUrl).protocol).toBe("https:");
    expect(variables.length).toBeGreaterThan(0);
    expect(model).not.toBe("");
  },
);

test("no host has two providers", () => {
  const hosts = chatProviders.flatMap((provider) => provider.hosts);
  expect(new Set(hosts).size).toBe(hosts.length);
});

test.each([
  "https://api.groq.com.evil.example/openai/v1",
  "https://evil-api.groq.com/v1",
  "https://evil.example/api.groq.com/v1",
  "https://api.groq.com@evil.example/v1",
  "http://127.0.0.1:1/v1?host=api.groq.com",
  "no address",
])("%s is nobody's", (url) => {
  expect(chatProviderAt(url)).toBeUndefined();
});

test.each([
  ["https://api.deepseek.com/v1", ["tool", "text"]],
  ["https://api.groq.com/openai/v1", ["schema", "tool", "text"]],
  ["https://example.com/v1", ["schema", "tool", "text"]],
])("at %s ballots begin on the rung that holds there", (baseUrl, rungs) => {
  expect(createChatCompletion({ baseUrl, model: "m" }).rungs).toEqual(rungs);
});
