import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { parse } from "yaml";
import { REFERENCE, referenceText, SCHEMA, schemaText } from "../scripts/configuration-pages.ts";
import { sectionSchemas } from "../src/config/json-schema.ts";
import { shippedConfigs } from "../src/config/shipped-configs.ts";

describe("the published schema and the reference", () => {
  it("schema/massgen.schema.json is what `npm run schema` makes of the schema that reads the files", () => {
    expect(JSON.parse(readFileSync(SCHEMA, "utf8"))).toEqual(JSON.parse(schemaText()));
  });

  it("docs/configuration-reference.md, too", () => {
    expect(readFileSync(REFERENCE, "utf8")).toBe(referenceText());
  });

  it.each(
    Object.entries(sectionSchemas()).flatMap(([name, keys]) => Object.entries(keys).map(([key, schema]) => [name, key, schema] as const)),
  )("%s.%s says what it means", (_section, _key, schema) => {
    expect(schema.description).toMatch(/\w{4,}/u);
  });
});

const published = z.fromJSONSchema(JSON.parse(readFileSync(SCHEMA, "utf8")) as Parameters<typeof z.fromJSONSchema>[0]);
const shared = join(import.meta.dirname, "../../shared/compat/configs-0.0.7");
const upstream = (() => {
  try {
    return readdirSync(shared).map((file) => join(shared, file));
  } catch {
    return [];
  }
})();

describe("the published schema lets through what the reader takes", () => {
  it.each([...shippedConfigs().map(({ path }) => path), ...upstream])("%s", (file) => {
    expect(published.safeParse(parse(readFileSync(file, "utf8"))).error?.issues).toBeUndefined();
  });

  it.each([
    ["nulls", { agents: [{ id: null, backend: { type: "ollama", temperature: null } }], ui: null }],
    [
      "numbers in quotes",
      { agent: { id: 7, backend: { type: "ollama", temperature: "0.5" } }, orchestrator: { timeout: 90, token_budget: "1000" } },
    ],
    [
      "agents by id",
      { agents: { a: { backend: { model: "gpt-5" } }, b: null }, extends: ["x.yaml"], profiles: { p: { ui: { type: "simple" } } } },
    ],
    [
      "later versions' keys",
      { agents: [{ backend: { type: "openai", cwd: "w" }, subtask: "x" }], orchestrator: { coordination: {} }, memory: {} },
    ],
  ])("%s", (_what, config) => {
    expect(published.safeParse(config).error?.issues).toBeUndefined();
  });

  it.each([
    ["a time that is a list", { orchestrator: { timeout: [1] } }],
    ["a display that is none", { ui: { display_type: "simpel" } }],
    ["agents that are text", { agents: "three" }],
  ])("but not %s", (_what, config) => {
    expect(published.safeParse(config).success).toBe(false);
  });
});
