import type { CouncilModel } from "../../model.ts";
import { cloudFetch } from "../../http/cloud-fetch.ts";
import { modelFacts } from "../../catalogue/model-facts.ts";
import type { Backend, CloudOptions, OwnTools } from "../backend.ts";
import { citedSources, type Source, type TextEnd } from "../cited-sources.ts";
import { cloudModel } from "../cloud-model.ts";
import { withParts } from "../with-parts.ts";
import { withVersion } from "../with-version.ts";
import { claudeFields, claudeProviderOptions } from "./claude-thinking.ts";
import { continuingPaused } from "./continue-paused.ts";
import { newsAsNothing } from "./news-as-nothing.ts";
import { recallingThinking } from "./recalled-thinking.ts";

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
  create: createClaude,
};

/** All models take the first version of the search; Claude 3 only the first of the code tool, in which it runs Python and no shell. */
function ownToolsOf(model: string): OwnTools {
  if (!/claude-3-/u.test(model)) return claude.ownTools;
  return { ...claude.ownTools, code: { type: "provider", id: "anthropic.code_execution_20250522", name: "code_execution", args: {} } };
}

async function createClaude(options: CloudOptions): Promise<CouncilModel> {
  const { createAnthropic } = await import("@ai-sdk/anthropic");
  const { model, apiKey = "", body } = options;
  const fetch = continuingPaused(cloudFetch({ secrets: [apiKey], body }));
  const provider = createAnthropic({ baseURL: withVersion(options.baseUrl, claude.root), apiKey, fetch });
  const languageModel = withParts(withParts(recallingThinking(provider(model)), newsAsNothing), () => citedSources(citationsIn));
  const council = cloudModel({ ...claude, ownTools: ownToolsOf(model) }, languageModel, options, {
    always: claudeProviderOptions(options.fields),
    // A schema binds only what follows the thinking. What the AI SDK is not told here it takes from `ballotReasoning`.
    ballot: { anthropic: { thinking: undefined, effort: undefined } },
    head: { anthropic: { cacheControl: { type: "ephemeral" } } },
  });
  return modelFacts(claude.type, model).reasoning ? { ...council, ballotReasoning: "none" } : council;
}

function citationsIn({ citations = [] }: TextEnd): readonly Source[] {
  return citations.map(({ source }) => source);
}
