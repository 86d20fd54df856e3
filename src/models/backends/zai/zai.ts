import type { JSONObject } from "@ai-sdk/provider";
import * as z from "zod";
import type { CouncilModel } from "../../model.ts";
import type { Backend, CloudOptions } from "../backend.ts";
import { bodyWith } from "../body-with.ts";
import { cloudModel } from "../cloud-model.ts";

/** Z AI by its OpenAI-compatible interface, which knows no schemas. */
export const zai: Backend = {
  type: "zai",
  title: "Z AI",
  maker: "Z AI",
  baseUrl: "https://api.z.ai/api/paas/v4",
  root: "/api/paas/v4",
  addressVariable: "ZAI_BASE_URL",
  variables: ["ZAI_API_KEY"],
  model: "glm-4.5",
  fields: z.object({
    thinking: z
      .looseObject({ type: z.enum(["enabled", "disabled"]) })
      .optional()
      .describe("Whether it thinks before it writes: { type: enabled or disabled }. Ballots are asked without."),
  }),
  capabilities: { ballots: "tool", reasoning: true, images: true, files: false, tools: true, mixesTools: true },
  ownTools: {},
  create: createZai,
};

async function createZai(options: CloudOptions): Promise<CouncilModel> {
  const { onlyChosenTool, openAiModel } = await import("../chatcompletion/open-ai-model.ts");
  const { model, baseUrl, apiKey, sampling } = options;
  /** Z AI lets its models choose: any other `tool_choice` is refused. */
  const transformBody = (body: Record<string, unknown>): Record<string, unknown> => {
    const sent = onlyChosenTool(body);
    return sent["tool_choice"] === undefined ? sent : { ...sent, tool_choice: "auto" };
  };
  const languageModel = openAiModel({ provider: "zai", model, baseUrl, apiKey, transformBody });
  // The SDK leaves `top_k` out.
  const topK: JSONObject = sampling.topK === undefined ? {} : { top_k: sampling.topK };
  return cloudModel(zai, languageModel, options, {
    always: { zai: { ...topK, ...bodyWith(options.body, options.fields) } },
    ballot: { zai: { thinking: { type: "disabled" } } },
  });
}
