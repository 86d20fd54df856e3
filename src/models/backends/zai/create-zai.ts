import type { JSONObject } from "@ai-sdk/provider";
import type { CouncilModel } from "../../model.ts";
import { bodyWith } from "../body-with.ts";
import { cloudModel } from "../cloud-model.ts";
import type { Backend, CloudOptions } from "../backend.ts";
import { onlyChosenTool, openAiModel } from "../chatcompletion/open-ai-model.ts";

export function createZai(zai: Backend, options: CloudOptions): CouncilModel {
  const { model, baseUrl, apiKey, sampling } = options;
  const languageModel = openAiModel({ provider: "zai", model, baseUrl, apiKey, transformBody });
  // The SDK leaves `top_k` out.
  const topK: JSONObject = sampling.topK === undefined ? {} : { top_k: sampling.topK };
  return cloudModel(zai, languageModel, options, {
    always: { zai: { ...topK, ...bodyWith(options.body, options.fields) } },
    ballot: { zai: { thinking: { type: "disabled" } } },
  });
}

/** Z AI lets its models choose: any other `tool_choice` is refused. */
function transformBody(body: Record<string, unknown>): Record<string, unknown> {
  const sent = onlyChosenTool(body);
  return sent["tool_choice"] === undefined ? sent : { ...sent, tool_choice: "auto" };
}
