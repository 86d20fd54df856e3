import * as z from "zod";
import type { CouncilModel } from "../../model.ts";
import { cloudFetch } from "../../http/cloud-fetch.ts";
import type { Backend, CloudOptions } from "../backend.ts";
import { bodyWith } from "../body-with.ts";
import { cloudModel } from "../cloud-model.ts";

const fields = z.object({
  thinking: z
    .looseObject({ type: z.string() })
    .optional()
    .describe("How long it thinks, as the Messages API writes it: { type: enabled, budget_tokens: 4096 }."),
});

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
  fields,
  capabilities: { ballots: "native", reasoning: true, images: true, files: true, tools: true, mixesTools: true },
  ownTools: {
    search: { type: "provider", id: "anthropic.web_search_20250305", name: "web_search", args: {} },
    code: { type: "provider", id: "anthropic.code_execution_20250825", name: "code_execution", args: {} },
  },
  create: createClaude,
};

async function createClaude(options: CloudOptions): Promise<CouncilModel> {
  const { createAnthropic } = await import("@ai-sdk/anthropic");
  const { model, baseUrl, apiKey = "" } = options;
  const fetch = cloudFetch({ secrets: [apiKey], body: bodyWith(options.body, options.fields) });
  const provider = createAnthropic({ baseURL: baseUrl, apiKey, fetch });
  return cloudModel(claude, provider(model), options);
}
