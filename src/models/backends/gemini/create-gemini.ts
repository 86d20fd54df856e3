import type { CouncilModel } from "../../model.ts";
import { cloudFetch } from "../../http/cloud-fetch.ts";
import { modelFacts } from "../../catalogue/model-facts.ts";
import { cloudModel } from "../cloud-model.ts";
import { withParts } from "../with-parts.ts";
import { withVersion } from "../with-version.ts";
import { geminiBody } from "./gemini-body.ts";
import { geminiProviderOptions } from "./gemini-thinking.ts";
import { searchesAsCalls } from "./searches-as-calls.ts";
import type { Backend, CloudOptions } from "../backend.ts";

export async function createGemini(gemini: Backend, options: CloudOptions): Promise<CouncilModel> {
  const { createGoogleGenerativeAI } = await import("@ai-sdk/google");
  const { model, apiKey = "", fields } = options;
  const fetch = cloudFetch({ secrets: [apiKey], body: geminiBody(options.body) });
  const provider = createGoogleGenerativeAI({ baseURL: withVersion(options.baseUrl, gemini.root), apiKey, fetch });
  const council = cloudModel(gemini, withParts(provider(model), searchesAsCalls), options, {
    always: geminiProviderOptions(model, fields),
    // A schema binds only what follows the thinking. What the AI SDK is not told here it takes from `ballotReasoning`.
    ballot: { google: { thinkingConfig: undefined } },
  });
  return modelFacts(gemini.type, model).reasoning ? { ...council, ballotReasoning: "none" } : council;
}
