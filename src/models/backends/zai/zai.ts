import * as z from "zod";
import type { Backend } from "../backend.ts";

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
  create: async (options) => (await import("./create-zai.ts")).createZai(zai, options),
};
