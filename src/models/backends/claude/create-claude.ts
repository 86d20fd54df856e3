import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import type { CouncilModel } from "../../model.ts";
import { cloudFetch } from "../../http/cloud-fetch.ts";
import { modelFacts } from "../../catalogue/model-facts.ts";
import { citedSources, type Source, type TextEnd } from "../cited-sources.ts";
import { cloudModel } from "../cloud-model.ts";
import { withParts } from "../with-parts.ts";
import { withVersion } from "../with-version.ts";
import { claudeProviderOptions } from "./claude-thinking.ts";
import { continuingPaused } from "./continue-paused.ts";
import { newsAsNothing } from "./news-as-nothing.ts";
import { recallingThinking } from "../recalled-thinking.ts";
import type { Backend, CloudOptions, OwnTools } from "../backend.ts";

/** All models take the first version of the search; Claude 3 only the first of the code tool, in which it runs Python and no shell. */
function ownToolsOf({ ownTools }: Backend, model: string): OwnTools {
  if (!/claude-3-/u.test(model)) return ownTools;
  return { ...ownTools, code: { type: "provider", id: "anthropic.code_execution_20250522", name: "code_execution", args: {} } };
}

export async function createClaude(claude: Backend, options: CloudOptions): Promise<CouncilModel> {
  const { createAnthropic } = await import("@ai-sdk/anthropic");
  const { model, apiKey = "", body } = options;
  const fetch = continuingPaused(cloudFetch({ secrets: [apiKey], body }));
  const provider = createAnthropic({ baseURL: withVersion(options.baseUrl, claude.root), apiKey, fetch });
  const languageModel = withParts(withParts(recallingThinking(provider(model), { forgotten: unthinking }), newsAsNothing), () =>
    citedSources(citationsIn),
  );
  const council = cloudModel({ ...claude, ownTools: ownToolsOf(claude, model) }, languageModel, options, {
    always: claudeProviderOptions(options.fields),
    // A schema binds only what follows the thinking. What the AI SDK is not told here it takes from `ballotReasoning`.
    ballot: { anthropic: { thinking: undefined, effort: undefined } },
    head: { anthropic: { cacheControl: { type: "ephemeral" } } },
  });
  return modelFacts(claude.type, model).reasoning ? { ...council, ballotReasoning: "none" } : council;
}

/** The API takes no call of a tool without what was thought before it, unless nothing is thought at all. */
function unthinking(call: LanguageModelV4CallOptions): LanguageModelV4CallOptions {
  const { anthropic } = call.providerOptions ?? {};
  if (anthropic?.["thinking"] === undefined) return call;
  return { ...call, providerOptions: { ...call.providerOptions, anthropic: { ...anthropic, thinking: { type: "disabled" } } } };
}

function citationsIn({ citations = [] }: TextEnd): readonly Source[] {
  return citations.map(({ source }) => source);
}
