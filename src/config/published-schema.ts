import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonSchema } from "./json-schema.ts";

/** The JSON Schema of config files as it comes with massgen; a test compares it with the schema that reads them. */
export function publishedSchema(): string {
  return readFileSync(join(import.meta.dirname, "..", "..", "schema", "massgen.schema.json"), "utf8");
}

/**
 * What the schema says of a setting, by the steps to it: `["agents", "critic", "backend", "model"]`.
 * @returns its words, and the names that could stand beside it; undefined where it has nothing there
 */
export function schemaAt(path: readonly string[]): { readonly schema?: JsonSchema; readonly names: readonly string[] } {
  const whole = JSON.parse(publishedSchema()) as JsonSchema;
  let at: JsonSchema | undefined = whole;
  let names: readonly string[] = [];
  for (const step of path) {
    const inside: JsonSchema | undefined = at && mappingOf(at, whole);
    names = Object.keys(inside?.properties ?? {});
    at = inside?.properties?.[step] ?? ((inside?.["additionalProperties"] ?? undefined) as JsonSchema | undefined);
  }
  return { ...(at !== undefined && { schema: at }), names };
}

/** The mapping that a schema allows, among what else it allows. */
function mappingOf(schema: JsonSchema, whole: JsonSchema): JsonSchema | undefined {
  const name = typeof schema["$ref"] === "string" ? schema["$ref"].replace("#/$defs/", "") : undefined;
  if (name !== undefined) return (whole["$defs"] as Readonly<Record<string, JsonSchema>>)[name];
  if (schema.properties !== undefined || typeof schema["additionalProperties"] === "object") return schema;
  const alternatives = (schema["anyOf"] ?? []) as readonly JsonSchema[];
  return alternatives.map((one) => mappingOf(one, whole)).find((one) => one !== undefined);
}
