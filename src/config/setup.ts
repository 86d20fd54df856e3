import * as z from "zod";
import { MassgenError } from "../core/errors.ts";
import { recordedServerSchema, withoutSecrets } from "./mcp-section.ts";
import { type AgentConfig, agentSchema, backendSchema } from "./schema.ts";

/** Times are in milliseconds here, as a config was read: read as one once more, they would count as seconds. */
const recordedBackend = backendSchema.omit({ api_key: true }).extend({
  ttl: z.number().optional(),
  keep_alive: z.number().optional(),
  fields: z.record(z.string(), z.unknown()).optional(),
});

/** What a run remembers of its council: enough to build it again, and no key. */
const setupSchema = z.object({
  agents: z.array(agentSchema.extend({ backend: recordedBackend, mcp_servers: z.array(recordedServerSchema).optional() })).min(1),
  /** Absolute: a run may be resumed from another folder. */
  configFile: z.string().optional(),
  /** Of that file. */
  profile: z.string().optional(),
});
export type Setup = z.infer<typeof setupSchema>;

export function setupOf(
  agents: readonly AgentConfig[],
  source: { readonly configFile?: string; readonly profile?: string },
): Readonly<Record<string, unknown>> {
  const withoutKeys = agents.map(({ place: _place, backend, mcp_servers: servers, ...agent }) => {
    const { api_key: _key, ...rest } = backend;
    return { ...agent, ...(servers !== undefined && { mcp_servers: servers.map(withoutSecrets) }), backend: rest };
  });
  return { agents: withoutKeys, ...source };
}

/** Reads what `setupOf` made. Throws `MassgenError("config")` for anything else. */
export function readSetup(value: unknown): Setup {
  const result = setupSchema.safeParse(value);
  if (result.success) return result.data;
  throw new MassgenError("config", "The run does not say how its council was made, so it cannot go on.", {
    hint: "massgen show still shows what there is of it.",
    cause: result.error,
  });
}
