import * as z from "zod";
import { mcpServerSchema, mcpServersSchema } from "./mcp-section.ts";
import { ownFieldSchemas } from "./own-fields.ts";
import { agentSchema, backendSchema, type configKeys, orchestratorSchema, uiSchema } from "./schema.ts";

/** JSON Schema, as far as this file writes it. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly description?: string;
  /** A default in words, where it is no value. */
  readonly usual?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

/** What may stand at the top of a file, in words. */
export const topLevel: Readonly<Record<(typeof configKeys)[number], JsonSchema>> = {
  agents: {
    description: "Who sits on the council: a list, or a mapping by id.",
    usual: "the agents of the user file, else what this machine has",
  },
  agent: { description: "The same for one agent." },
  orchestrator: { description: "How the council works, and its bounds." },
  ui: { description: "How runs are shown and kept." },
  display: { description: "The same as ui, as some files of MassGen call it." },
  attachments: { description: "Files that go with every question: a path, or a list. A relative one begins at the file it is written in." },
  extends: {
    description: "A file, or a council that comes with massgen, that this one changes; or a list, of which a later one goes first.",
  },
  mcp_servers: { description: "MCP servers whose tools all agents may use, as a list or by name.", usual: "none" },
  profiles: { description: "Settings by name, taken with --profile NAME or MASSGEN_PROFILE." },
};

const SERVERS = { $ref: "#/$defs/mcpServers" } as const;

const pathOrPaths = { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] } as const;

/** The sections of a config file, each from the schema that reads it. */
export function sectionSchemas() {
  const { id, mcp_servers: all, ...rest } = written(agentSchema).properties ?? {};
  const servers: JsonSchema = {
    ...(all?.description !== undefined && { description: all.description }),
    ...(all?.usual !== undefined && { usual: all.usual }),
    ...SERVERS,
  };
  const agent = { ...rest, mcp_servers: servers };
  const { type, ...backend } = written(backendSchema).properties ?? {};
  // What is written in a file is read with hyphens and capitals, and a number is an id, too.
  const backendProperties = {
    type: { ...type, enum: undefined, examples: type?.["enum"] },
    ...backend,
    ...toolFields(servers),
    ...ownFields(),
  };
  return {
    agent: { id: { ...id, type: ["string", "number", "boolean"] }, ...agent } as Readonly<Record<string, JsonSchema>>,
    backend: backendProperties as Readonly<Record<string, JsonSchema>>,
    orchestrator: written(orchestratorSchema).properties ?? {},
    ui: written(uiSchema).properties ?? {},
    mcpServer: written(mcpServerSchema).properties ?? {},
  };
}

/** The JSON Schema of config files: what editors complete and check by. Later versions' keys and fields of providers are let through. */
export function configJsonSchema(): JsonSchema {
  const { agent, backend, orchestrator, ui } = sectionSchemas();
  const agentRef = { $ref: "#/$defs/agent" };
  const display = { type: ui["display_type"] ?? {}, ...ui };
  const sections = {
    agent: { ...topLevel.agent, ...agentRef },
    agents: {
      ...topLevel.agents,
      anyOf: [
        { type: "array", items: agentRef, minItems: 1 },
        { type: "object", additionalProperties: { anyOf: [agentRef, { type: "null" }] } },
      ],
    },
    orchestrator: { ...topLevel.orchestrator, ...object(orchestrator) },
    ui: { ...topLevel.ui, ...object(display) },
    display: { ...topLevel.display, ...object(display) },
    attachments: { ...topLevel.attachments, ...pathOrPaths },
    mcp_servers: { ...topLevel.mcp_servers, ...SERVERS },
  };
  const profile = { $ref: "#/$defs/profile" };
  return withoutUsual({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "A council of massgen",
    ...object({
      $schema: { description: "The address of this schema, for editors.", type: "string" },
      ...sections,
      extends: { ...topLevel.extends, ...pathOrPaths },
      profiles: { ...topLevel.profiles, type: "object", additionalProperties: profile },
    }),
    $defs: {
      agent: object({ ...agent, backend: { description: "Where its model is.", ...object(backend) } }),
      profile: object(sections),
      mcpServers: written(mcpServersSchema),
    },
  });
}

/** What a person writes, before anything is made of it. */
function written(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return json as JsonSchema;
}

/** What is written inside a backend and read with its agent. */
function toolFields(servers: JsonSchema): Readonly<Record<string, JsonSchema>> {
  const chosen = { type: "array", items: { type: "string" } };
  return {
    mcp_servers: servers,
    allowed_tools: { description: "Of the tools of all MCP servers only these.", usual: "all", ...chosen },
    exclude_tools: { description: "Of the tools of all MCP servers all but these.", usual: "none", ...chosen },
  };
}

/** Fields that one backend knows; where two know one of the same name, either's. */
function ownFields(): Record<string, JsonSchema> {
  const found: Record<string, JsonSchema> = {};
  for (const [type, fields] of ownFieldSchemas) {
    for (const [key, schema] of Object.entries(written(fields).properties ?? {})) {
      const other = found[key];
      const own = { ...schema, description: `${type}: ${schema.description ?? ""}`.trim() };
      found[key] = other === undefined ? own : { description: `${other.description} ${own.description}`, anyOf: [other, own] };
    }
  }
  return found;
}

function object(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const nullable = Object.entries(properties).map(([key, schema]) => [key, orNull(schema)] as const);
  return { type: "object", properties: Object.fromEntries(nullable) };
}

/** A null means the default. What comes from `${VARIABLE}`, and what older YAML writes, is text. */
function orNull({ description, usual, default: value, ...schema }: JsonSchema): JsonSchema {
  const words = {
    ...(description !== undefined && { description }),
    ...(usual !== undefined && { usual }),
    ...(value !== undefined && JSON.stringify(value) !== "{}" && { default: value }),
  };
  const { type, enum: values, anyOf, $ref, ...rest } = withoutMachineBounds(schema);
  if (Array.isArray(values)) return { ...words, enum: [...values, null] };
  if (anyOf !== undefined || $ref !== undefined)
    return { ...words, anyOf: [...((anyOf as readonly JsonSchema[]) ?? [{ $ref }]), { type: "null" }] };
  const types = [type].flat();
  const isText = types.some((name) => name === "number" || name === "integer" || name === "boolean");
  return { ...words, ...(type !== undefined && { type: [...new Set([...types, ...(isText ? ["string"] : []), "null"])] }), ...rest };
}

/** Every whole number of JavaScript has these bounds; they say nothing to people. */
function withoutMachineBounds(schema: JsonSchema): JsonSchema {
  const isBound = (value: unknown): boolean => typeof value === "number" && Math.abs(value) === Number.MAX_SAFE_INTEGER;
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => !isBound(value)));
}

/** Words for a default are no keyword of JSON Schema. */
function withoutUsual({ usual, ...schema }: JsonSchema): JsonSchema {
  const inner = Object.entries(schema).map(([key, value]) => [key, isSchema(value) ? withoutUsual(value) : listOf(value)] as const);
  return { ...Object.fromEntries(inner), ...(usual !== undefined && { "x-usual": usual }) };
}

function listOf(value: unknown): unknown {
  return Array.isArray(value) ? value.map((item: unknown) => (isSchema(item) ? withoutUsual(item) : item)) : value;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
