import * as z from "zod";
import type { CouncilModel } from "../../model.ts";
import { cloudFetch } from "../../http/cloud-fetch.ts";
import type { Backend, CloudOptions } from "../backend.ts";
import { cloudModel } from "../cloud-model.ts";

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
  fields: z.object({}),
  capabilities: { ballots: "native", reasoning: true, images: true, files: true, tools: true, mixesTools: false },
  ownTools: {
    search: { type: "provider", id: "google.google_search", name: "google_search", args: {} },
    code: { type: "provider", id: "google.code_execution", name: "code_execution", args: {} },
  },
  create: createGemini,
};

async function createGemini(options: CloudOptions): Promise<CouncilModel> {
  const { createGoogleGenerativeAI } = await import("@ai-sdk/google");
  const { model, baseUrl, apiKey = "", body } = options;
  const provider = createGoogleGenerativeAI({ baseURL: baseUrl, apiKey, fetch: cloudFetch({ secrets: [apiKey], body }) });
  return cloudModel(gemini, provider(model), options);
}
