import type { CouncilModel } from "../../model.ts";
import { cloudFetch } from "../../http/cloud-fetch.ts";
import { modelFacts } from "../../catalogue/model-facts.ts";
import type { Backend, CloudOptions } from "../backend.ts";
import { cloudModel } from "../cloud-model.ts";
import { withParts } from "../with-parts.ts";
import { withVersion } from "../with-version.ts";
import { geminiBody } from "./gemini-body.ts";
import { geminiFields, geminiProviderOptions } from "./gemini-thinking.ts";
import { searchesAsCalls } from "./searches-as-calls.ts";

/** Gemini by Google's generate-content interface. */
export const gemini: Backend = {
  type: "gemini",
  title: "Gemini",
  maker: "Google",
  baseUrl: "https://generativelanguage.googleapis.com/v1beta",
  root: "/v1beta",
  addressVariable: "GOOGLE_GEMINI_BASE_URL",
  variables: ["GOOGLE_API_KEY", "GEMINI_API_KEY"],
  model: "gemini-2.5-flash",
  fields: geminiFields,
  capabilities: { ballots: "native", reasoning: true, images: true, files: true, tools: true, mixesTools: false },
  ownTools: {
    search: { type: "provider", id: "google.google_search", name: "google_search", args: {} },
    code: { type: "provider", id: "google.code_execution", name: "code_execution", args: {} },
  },
  listing: {
    url: (baseUrl) => `${withVersion(baseUrl, "/v1beta")}/models?pageSize=1000`,
    headers: (apiKey) => ({ "x-goog-api-key": apiKey }),
  },
  create: createGemini,
};

async function createGemini(options: CloudOptions): Promise<CouncilModel> {
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
