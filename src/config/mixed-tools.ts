import { backends, isCloudType } from "../models/backends/backends.ts";
import type { Section } from "./diagnostics.ts";
import type { BackendConfig } from "./schema.ts";

const ownTools = ["enable_web_search", "enable_code_execution", "enable_code_interpreter"] as const;

/**
 * The backend as an agent with MCP servers can have it: some providers take either their own tools or others in one request. Their own give way,
 * which is told before anything is sent.
 */
export function withoutMix(backend: BackendConfig, { diagnostics, path, of }: Section): BackendConfig {
  const { type } = backend;
  if (!isCloudType(type) || backends[type].capabilities.mixesTools) return backend;
  const left = ownTools.filter((key) => backend[key] === true);
  for (const key of left) {
    const sentence = `${key}${of} is left out: ${type} takes either its own tools or those of mcp_servers in one request.`;
    diagnostics.warn([...path, "backend", key], sentence, "key");
  }
  return { ...backend, ...Object.fromEntries(left.map((key) => [key, false])) };
}
