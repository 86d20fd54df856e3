import * as z from "zod";
import type { Adapted, Backend, Given } from "../backend.ts";
import { isJson } from "../chatcompletion/wire.ts";

/** Grok by xAI's Responses API: only there it searches and runs code. */
export const grok: Backend = {
  type: "grok",
  title: "Grok",
  maker: "xAI",
  baseUrl: "https://api.x.ai/v1",
  root: "/v1",
  addressVariable: "XAI_BASE_URL",
  variables: ["XAI_API_KEY"],
  model: "grok-4.3",
  fields: z.object({
    reasoning_effort: z.enum(["none", "low", "medium", "high", "xhigh"]).optional().describe("How long it thinks."),
  }),
  capabilities: { ballots: "native", reasoning: true, images: true, files: false, tools: true, mixesTools: true },
  ownTools: {
    search: { type: "provider", id: "xai.web_search", name: "web_search", args: {} },
    code: { type: "provider", id: "xai.code_execution", name: "code_execution", args: {} },
  },
  adapt: adaptGrok,
  create: async (options) => (await import("./create-grok.ts")).createGrok(grok, options),
};

const WITHDRAWN = "search_parameters (xAI's Live Search)";

/** MassGen searched by `search_parameters`, which xAI answers with 410 since January 2026. */
function adaptGrok({ search, body }: Given): Adapted {
  const { search_parameters: parameters, ...rest } = body;
  if (parameters === undefined) return { search, body };
  if (search) return { search, body, error: `${WITHDRAWN} and enable_web_search both say how to search: leave search_parameters out` };
  const wanted = !isJson(parameters) || parameters["mode"] !== "off";
  const instead = wanted ? ": enable_web_search is taken instead" : " and is ignored";
  return { search: wanted, body: rest, warning: `${WITHDRAWN} was taken away by xAI${instead}` };
}
