import * as z from "zod";
import { isPackageName } from "./find-package.ts";

const text = z.string().trim().min(1);
const mapping = z.record(z.string(), z.unknown());

/** What only the backend `ai_sdk` knows. */
export const aiSdkFields = z.object({
  package: z
    .string()
    .trim()
    .refine(isPackageName, "must be the name of an npm package, such as @ai-sdk/groq")
    .describe("A provider package of the AI SDK that is installed: @ai-sdk/groq."),
  provider_export: text.optional().describe("What of the package makes the provider, where there are several: createVertex."),
  provider_settings: mapping
    .refine(
      (settings) => !("baseURL" in settings || "apiKey" in settings),
      "must not hold baseURL and apiKey: they are base_url and api_key",
    )
    .optional()
    .describe("What the provider is made with, besides api_key and base_url: { region: eu-west-1 }."),
  provider_options: mapping
    .optional()
    .describe("Options of every request, as the package documents them under its own name: { reasoningEffort: low }."),
  package_folder: text
    .optional()
    .describe(
      "Where the package is installed, seen from the config. By default the folder of the config, the current folder, that of massgen.",
    ),
});

export type AiSdkFields = z.infer<typeof aiSdkFields>;
