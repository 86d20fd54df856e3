import { expect, test } from "vitest";
import { providerIn } from "./provider-in.ts";

const named = (name: string) => (settings: object) => ({ name, settings });
const settings = { apiKey: "k" };

test("the one create… function makes the provider", () => {
  const create = named("groq");
  expect(providerIn({ createGroq: create, createGroqAlias: create, groq: 1, VERSION: "1" }, { name: "@ai-sdk/groq" }, settings)).toEqual({
    name: "groq",
    settings,
  });
  expect(providerIn({ default: { createOld: create } }, { name: "old" }, settings)).toEqual({ name: "groq", settings });
});

test.each([
  ["ai-sdk-provider-claude-code", ["createClaudeCode", "createCustomMcpServer"], "createClaudeCode"],
  ["@ai-sdk/google-vertex", ["createVertex", "createGoogleVertex"], "createGoogleVertex"],
  ["@ai-sdk/amazon-bedrock", ["createAmazonBedrock", "createSomething"], "createAmazonBedrock"],
])("of several functions of %s (%j) it is %s", (name, functions, chosen) => {
  expect(providerIn(Object.fromEntries(functions.map((each) => [each, named(each)])), { name }, {})).toMatchObject({ name: chosen });
});

test("provider_export says what else it is: a function or a provider that is there", () => {
  const exports = { createOne: named("one"), createTwo: named("two"), ready: { languageModel: () => 1 } };
  expect(providerIn(exports, { name: "x", exported: "createTwo" }, {})).toMatchObject({ name: "two" });
  expect(providerIn(exports, { name: "x", exported: "ready" }, {})).toBe(exports.ready);
  expect(() => providerIn(exports, { name: "x", exported: "createThree" }, {})).toThrow("The package x exports no createThree.");
});

test("where nothing tells, a person is asked", () => {
  const two = { createOne: named("one"), createTwo: named("two") };
  expect(() => providerIn(two, { name: "x" }, {})).toThrow(
    expect.objectContaining({
      message: "The package x has several create… functions.",
      hint: "provider_export says which: createOne and createTwo.",
    }),
  );
  expect(() => providerIn({ lonely: 1 }, { name: "left-pad" }, {})).toThrow("The package left-pad has no create… function.");
});
