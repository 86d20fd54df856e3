import type { Backend } from "../backend.ts";
import { withVersion } from "../with-version.ts";
import { claudeFields } from "./claude-thinking.ts";

/** Claude by Anthropic's Messages API. */
export const claude: Backend = {
  type: "claude",
  title: "Claude",
  maker: "Anthropic",
  baseUrl: "https://api.anthropic.com/v1",
  root: "/v1",
  addressVariable: "ANTHROPIC_BASE_URL",
  variables: ["ANTHROPIC_API_KEY"],
  model: "claude-sonnet-4-5",
  fields: claudeFields,
  capabilities: { ballots: "native", reasoning: true, images: true, files: true, tools: true, mixesTools: true },
  ownTools: {
    search: { type: "provider", id: "anthropic.web_search_20250305", name: "web_search", args: {} },
    code: { type: "provider", id: "anthropic.code_execution_20250825", name: "code_execution", args: {} },
  },
  listing: {
    url: (baseUrl) => `${withVersion(baseUrl, "/v1")}/models?limit=1000`,
    headers: (apiKey) => ({ "x-api-key": apiKey, "anthropic-version": "2023-06-01" }),
  },
  create: async (options) => (await import("./create-claude.ts")).createClaude(claude, options),
};
