import type { Backend } from "../backend.ts";
import { withVersion } from "../with-version.ts";
import { geminiFields } from "./gemini-thinking.ts";

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
  create: async (options) => (await import("./create-gemini.ts")).createGemini(gemini, options),
};
