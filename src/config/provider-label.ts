import { knownCloudAt } from "./known-clouds.ts";
import type { AgentConfig } from "./schema.ts";

/** An agent on a server as it is asked, and who serves it, where that is known. */
export interface Labelled {
  readonly agent: AgentConfig;
  readonly label?: string;
}

/**
 * `provider` and `provider_name` say who serves a model and are not sent; OpenRouter's `provider` is a mapping and is. Else the provider is
 * known by its host.
 */
export function labelled(agent: AgentConfig, baseUrl: string): Labelled {
  const { provider_name: name, provider, ...rest } = agent.backend.extra_body ?? {};
  const body = typeof provider === "object" && provider !== null ? { ...rest, provider } : rest;
  const named = [name, provider].find((text) => typeof text === "string" && text.trim() !== "") as string | undefined;
  const label = named?.trim() ?? knownCloudAt(baseUrl)?.title;
  return { agent: { ...agent, backend: { ...agent.backend, extra_body: body } }, ...(label !== undefined && { label }) };
}
