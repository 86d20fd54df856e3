import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type JsonSchema, configJsonSchema, sectionSchemas, topLevel } from "../src/config/json-schema.ts";
import { outsideSettings, variableOf } from "../src/config/outside-settings.ts";
import { ownFieldSchemas } from "../src/config/own-fields.ts";
import * as z from "zod";

export const SCHEMA = fileURLToPath(new URL("../schema/massgen.schema.json", import.meta.url));
export const REFERENCE = fileURLToPath(new URL("../docs/configuration-reference.md", import.meta.url));

export function schemaText(): string {
  return `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`;
}

/** docs/configuration-reference.md: every key of a config file, from the schema that reads it. */
export function referenceText(): string {
  const { agent, backend, orchestrator, ui, mcpServer } = sectionSchemas();
  const own = new Set([...ownFieldSchemas.values()].flatMap((fields) => Object.keys(fields.shape)));
  const common = Object.fromEntries(Object.entries(backend).filter(([key]) => !own.has(key)));
  return [
    "# Every key of a config file",
    "",
    "Made by `npm run schema` from the schema that reads the files; [configuration.md](configuration.md) says what to do with them.",
    "`massgen config explain KEY` says which value a run here would have and where it comes from; `schema/massgen.schema.json` is the",
    "same for editors. `null` means the default. Numbers and switches may stand in quotes, as `${VARIABLE}` gives them.",
    "",
    ...section("Top level", "", topLevel),
    ...section("An agent", "Below `agent`, or each of `agents`.", agent),
    ...section("Its `backend`", "What else stands here goes to the server as a field of the request.", common),
    ...[...ownFieldSchemas].flatMap(([type, fields]) =>
      Object.keys(fields.shape).length === 0 ? [] : section(`\`${type}\` alone`, "", propertiesOf(fields)),
    ),
    ...section("An MCP server", "Each of `mcp_servers`; [tools.md](tools.md) says what to do with them.", mcpServer),
    ...section("`orchestrator`", "", orchestrator),
    ...section("`orchestrator.voting`", "", orchestrator["voting"]?.properties ?? {}),
    ...section("`ui`", "", ui),
    "## Flags and variables",
    "",
    "A flag goes before a variable, a variable before the profile, the profile before the files.",
    "",
    "| Key | Variable | Flag |",
    "|---|---|---|",
    ...Object.entries(outsideSettings).map(([flag, path]) => `| \`${path.join(".")}\` | \`${variableOf(flag)}\` | \`--${flag}\` |`),
    "",
  ].join("\n");
}

function propertiesOf(schema: z.ZodType): Readonly<Record<string, JsonSchema>> {
  return (z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema).properties ?? {};
}

function section(title: string, about: string, keys: Readonly<Record<string, JsonSchema>>): readonly string[] {
  return [
    `## ${title}`,
    "",
    ...(about === "" ? [] : [about, ""]),
    "| Key | Meaning | Values | Default |",
    "|---|---|---|---|",
    ...Object.entries(keys).map(
      ([key, schema]) => `| \`${key}\` | ${cell(schema.description ?? "")} | ${cell(valuesOf(schema))} | ${cell(defaultOf(schema))} |`,
    ),
    "",
  ];
}

const cell = (text: string): string => text.replaceAll("|", "\\|");

const typeNames: Readonly<Record<string, string>> = {
  string: "text",
  integer: "whole number",
  number: "number",
  boolean: "`true`, `false`",
  object: "mapping",
  array: "list",
};

function valuesOf(schema: JsonSchema): string {
  const values = schema["enum"] ?? schema["examples"];
  if (Array.isArray(values)) return values.map((value) => `\`${String(value)}\``).join(", ");
  const alternatives = schema["anyOf"];
  if (Array.isArray(alternatives))
    return [...new Set((alternatives as readonly JsonSchema[]).map(valuesOf))].filter((text) => text !== "").join(", ");
  return [schema["type"]]
    .flat()
    .flatMap((type) => typeNames[String(type)] ?? [])
    .join(" or ");
}

function defaultOf({ usual, default: value }: JsonSchema): string {
  if (usual !== undefined) return usual;
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? `\`${value}\`` : "";
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(SCHEMA, schemaText());
  writeFileSync(REFERENCE, referenceText());
}
