import type { JSONSchema7 } from "@ai-sdk/provider";
import { describe, expect, it } from "vitest";
import { grammarSchema } from "./grammar-schema.ts";

describe("a schema for the grammar", () => {
  it("keeps a ballot as it is, in its order", () => {
    const ballot: JSONSchema7 = {
      type: "object",
      properties: { reason: { type: "string", maxLength: 240 }, choice: { type: "string", enum: ["B", "A", "improve"] } },
      required: ["reason", "choice"],
      additionalProperties: false,
    };
    const written = JSON.stringify(grammarSchema(ballot));
    expect(JSON.parse(written)).toEqual({
      type: "object",
      properties: { reason: { type: "string", maxLength: 240 }, choice: { type: "string", enum: ["B", "A", "improve"] } },
    });
    expect(written.indexOf("reason")).toBeLessThan(written.indexOf("choice"));
    expect(written).toContain('["B","A","improve"]');
  });

  it.each<readonly [string, JSONSchema7, unknown]>([
    ["anyOf becomes oneOf", { anyOf: [{ type: "string" }, { type: "null" }] }, { oneOf: [{ type: "string" }, { type: "null" }] }],
    [
      "several types become alternatives",
      { type: ["object", "null"], properties: { a: { type: "integer" } } },
      {
        oneOf: [
          { type: "object", properties: { a: { type: "integer" } } },
          { type: "null", properties: { a: { type: "integer" } } },
        ],
      },
    ],
    ["what the grammar ignores is left out", { type: "number", minimum: 1, maximum: 5 }, { type: "number" }],
    ["an unknown format is left out", { type: "string", format: "email" }, { type: "string" }],
    ["a known format stays", { type: "string", format: "date" }, { type: "string", format: "date" }],
    ["an object of anything stays open", { type: "object" }, { type: "object", additionalProperties: true }],
    ["a type is inferred from properties", { properties: { a: { const: 1 } } }, { type: "object", properties: { a: { const: 1 } } }],
    ["a tuple becomes prefix items", { type: "array", items: [{ type: "string" }] }, { type: "array", prefixItems: [{ type: "string" }] }],
    ["one allOf is the schema itself", { allOf: [{ type: "boolean" }] }, { type: "boolean" }],
    [
      "definitions are found where the grammar looks for them",
      { definitions: { x: { type: "string" } }, type: "array", items: { $ref: "#/definitions/x" } },
      { type: "array", items: { $ref: "#/$defs/x" }, $defs: { x: { type: "string" } } },
    ],
  ])("%s", (_, schema, expected) => {
    expect(grammarSchema(schema)).toEqual(expected);
  });

  it("lets anything through where a schema says nothing, instead of null", () => {
    const { properties } = grammarSchema({ type: "object", properties: { any: {}, yes: true } }) as { readonly properties: object };
    expect(JSON.stringify(properties)).toContain('"any":{"oneOf"');
    expect(JSON.stringify(properties)).toContain('"yes":{"oneOf"');
  });
});
