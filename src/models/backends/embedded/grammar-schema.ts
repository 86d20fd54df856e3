import type { JSONSchema7 } from "@ai-sdk/provider";
import type { GbnfJsonSchema } from "node-llama-cpp";

type Node = Readonly<Record<string, unknown>>;

/** Any JSON value: the engine takes a schema that says nothing for `null`. */
const ANYTHING: Node = {
  oneOf: [{ type: ["string", "number", "boolean", "null"] }, { type: "object", additionalProperties: true }, { type: "array" }],
};
const DEFINITIONS = /^#\/(?:definitions|\$defs)\//;
/** What the grammar holds to, by the kind of schema; the rest (`pattern`, `minimum`, ...) it would ignore. */
const KEPT = [
  "type",
  "const",
  "enum",
  "minLength",
  "maxLength",
  "format",
  "minItems",
  "maxItems",
  "minProperties",
  "maxProperties",
  "description",
];
const FORMATS: ReadonlySet<unknown> = new Set(["date", "time", "date-time"]);

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function eachValue(children: unknown): Node {
  return isNode(children) ? Object.fromEntries(Object.entries(children).map(([key, child]) => [key, rewrite(child)])) : {};
}

function union(schema: Node, alternatives: readonly unknown[]): Node {
  const { description } = schema;
  return { oneOf: alternatives.map(rewrite), ...(description === undefined ? {} : { description }) };
}

/** The engine knows lists of types for plain values only. */
function severalTypes(schema: Node, types: readonly unknown[]): Node {
  return union(
    schema,
    types.map((type) => ({ ...schema, type })),
  );
}

function children(schema: Node): Node {
  const { properties, additionalProperties, items, prefixItems } = schema;
  const listed = Array.isArray(items) ? items : prefixItems;
  return {
    ...(properties === undefined ? {} : { properties: eachValue(properties) }),
    ...(isNode(additionalProperties) ? { additionalProperties: rewrite(additionalProperties) } : {}),
    ...(additionalProperties === true || (schema["type"] === "object" && properties === undefined && additionalProperties === undefined)
      ? { additionalProperties: true }
      : {}),
    ...(isNode(items) ? { items: rewrite(items) } : {}),
    ...(Array.isArray(listed) ? { prefixItems: listed.map(rewrite) } : {}),
  };
}

function inferredType(schema: Node): Node {
  if (schema["type"] !== undefined) return {};
  if (schema["properties"] !== undefined) return { type: "object" };
  return schema["items"] === undefined ? {} : { type: "array" };
}

function plain(schema: Node): Node {
  const kept = KEPT.filter((key) => schema[key] !== undefined && (key !== "format" || FORMATS.has(schema[key])));
  return { ...Object.fromEntries(kept.map((key) => [key, schema[key]])), ...inferredType(schema), ...children(schema) };
}

function rewrite(schema: unknown): Node {
  if (!isNode(schema)) return ANYTHING;
  const { $ref, anyOf, oneOf, allOf, type } = schema;
  if (typeof $ref === "string") return { $ref: $ref.replace(DEFINITIONS, "#/$defs/") };
  if (Array.isArray(anyOf)) return union(schema, anyOf);
  if (Array.isArray(oneOf)) return union(schema, oneOf);
  if (Array.isArray(allOf) && allOf.length === 1) return rewrite(allOf[0]);
  if (Array.isArray(type)) return severalTypes(schema, type);
  const rewritten = plain(schema);
  return ["type", "const", "enum"].some((key) => rewritten[key] !== undefined) ? rewritten : ANYTHING;
}

/**
 * A JSON schema in the subset the engine turns into a grammar. The order of properties is kept. What it makes of the rest stays valid:
 * optional properties are always present; bounds of numbers and patterns are not held.
 */
export function grammarSchema(schema: JSONSchema7): GbnfJsonSchema {
  const { $defs, definitions } = schema as Node;
  const named = { ...eachValue(definitions), ...eachValue($defs) };
  const root = rewrite(schema);
  return (Object.keys(named).length === 0 ? root : { ...root, $defs: named }) as unknown as GbnfJsonSchema;
}
