import * as z from "zod";
import { isPackageName } from "./find-package.ts";

/** What only the backend `ai_sdk` knows. */
export const aiSdkFields = z.object({
  /** A provider of the AI SDK: `@ai-sdk/groq`. It has to be installed. */
  package: z.string().trim().refine(isPackageName, "must be the name of an npm package, such as @ai-sdk/groq"),
  /** What of the package makes the provider, where there are several: `createVertex`. */
  provider_export: z.string().trim().min(1).optional(),
  /** What the provider is made with, besides api_key and base_url: `{ headers: … }`, `{ region: … }`. */
  provider_settings: z
    .record(z.string(), z.unknown())
    .refine(
      (settings) => !("baseURL" in settings || "apiKey" in settings),
      "must not hold baseURL and apiKey: they are base_url and api_key",
    )
    .optional(),
  /** Options of every request as the package documents them under its own name: `{ reasoningEffort: low }`. */
  provider_options: z.record(z.string(), z.unknown()).optional(),
  /** Where the package is installed; by default the folder of the config, the current folder, and that of massgen. */
  package_folder: z.string().trim().min(1).optional(),
});

export type AiSdkFields = z.infer<typeof aiSdkFields>;
