import { backends, isCloudType } from "../models/backends/backends.ts";
import type { Section } from "./diagnostics.ts";
import type { BackendConfig } from "./schema.ts";

/** Some providers take either their own tools or functions of ours in one request: that is known before anything is sent. */
export function checkMix(backend: BackendConfig, { diagnostics, path, of }: Section): void {
  const { type } = backend;
  if (!isCloudType(type) || backends[type].capabilities.mixesTools) return;
  const own = (["enable_web_search", "enable_code_execution", "enable_code_interpreter"] as const).find((key) => backend[key] === true);
  if (own === undefined) return;
  const sentence = `${own}${of} cannot be used together with mcp_servers: ${type} takes either its own tools or others in one request. Leave one of them out.`;
  diagnostics.error([...path, "backend", own], sentence, "key");
}
