import * as z from "zod";
import type { Backend } from "../backend.ts";

/** Both as the Responses API writes them; they go into a request's body as they are. */
const fields = z.object({
  text: z
    .looseObject({ verbosity: z.string().optional() })
    .optional()
    .describe("How much a model of the GPT-5 family says: { verbosity: low, medium or high }."),
  reasoning: z
    .looseObject({ effort: z.string().optional(), summary: z.string().optional() })
    .optional()
    .describe("How long it thinks, and whether a summary of that is shown: { effort: minimal, low, medium or high, summary: auto }."),
});

/** OpenAI by its Responses API. */
export const openai: Backend = {
  type: "openai",
  title: "OpenAI",
  maker: "OpenAI",
  baseUrl: "https://api.openai.com/v1",
  root: "/v1",
  addressVariable: "OPENAI_BASE_URL",
  variables: ["OPENAI_API_KEY"],
  model: "gpt-5-mini",
  fields,
  capabilities: { ballots: "native", reasoning: true, images: true, files: true, tools: true, mixesTools: true },
  ownTools: {
    search: { type: "provider", id: "openai.web_search", name: "web_search", args: {} },
    code: { type: "provider", id: "openai.code_interpreter", name: "code_interpreter", args: {} },
  },
  create: async (options) => (await import("./create-openai.ts")).createOpenAi(openai, options),
};
