import * as z from "zod";
import type { CouncilModel } from "../../model.ts";
import { cloudFetch } from "../../http/cloud-fetch.ts";
import type { Backend, CloudOptions } from "../backend.ts";
import { cloudModel } from "../cloud-model.ts";

/** Grok by xAI's Responses API. */
export const grok: Backend = {
  type: "grok",
  title: "Grok",
  maker: "xAI",
  baseUrl: "https://api.x.ai/v1",
  root: "/v1",
  addressVariable: "XAI_BASE_URL",
  variables: ["XAI_API_KEY"],
  model: "grok-3-mini",
  fields: z.object({}),
  capabilities: { ballots: "native", reasoning: true, images: true, files: false, tools: true, mixesTools: true },
  ownTools: {
    search: { type: "provider", id: "xai.web_search", name: "web_search", args: {} },
    code: { type: "provider", id: "xai.code_execution", name: "code_execution", args: {} },
  },
  create: createGrok,
};

async function createGrok(options: CloudOptions): Promise<CouncilModel> {
  const { createXai } = await import("@ai-sdk/xai");
  const { model, baseUrl, apiKey = "", body } = options;
  const provider = createXai({ baseURL: baseUrl, apiKey, fetch: cloudFetch({ secrets: [apiKey], body }) });
  return cloudModel(grok, provider.responses(model), options);
}
