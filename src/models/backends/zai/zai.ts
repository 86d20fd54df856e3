import * as z from "zod";
import type { CouncilModel } from "../../model.ts";
import type { Backend, CloudOptions } from "../backend.ts";
import { openAiModel } from "../chatcompletion/open-ai-model.ts";
import { cloudModel } from "../cloud-model.ts";

/** Z AI by its OpenAI-compatible interface. */
export const zai: Backend = {
  type: "zai",
  title: "Z AI",
  maker: "Z AI",
  baseUrl: "https://api.z.ai/api/paas/v4",
  root: "/api/paas/v4",
  addressVariable: "ZAI_BASE_URL",
  variables: ["ZAI_API_KEY"],
  model: "glm-4.5",
  fields: z.object({}),
  capabilities: { ballots: "native", reasoning: true, images: true, files: false, tools: true, mixesTools: true },
  ownTools: {},
  create: createZai,
};

async function createZai(options: CloudOptions): Promise<CouncilModel> {
  const { model, baseUrl, apiKey, body } = options;
  return cloudModel(
    zai,
    openAiModel({ provider: "zai", model, baseUrl, apiKey }),
    options,
    body === undefined ? undefined : { always: { zai: body } },
  );
}
