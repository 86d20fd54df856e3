import type { JSONObject, SharedV4ProviderOptions } from "@ai-sdk/provider";
import { MassgenError } from "../../../core/errors.ts";
import { cloudFetch } from "../../http/cloud-fetch.ts";
import type { CouncilModel } from "../../model.ts";
import type { CloudOptions } from "../backend.ts";
import { cloudModel } from "../cloud-model.ts";
import type { AiSdkFields } from "./ai-sdk-fields.ts";
import type { InstalledPackage } from "./find-package.ts";
import { languageModelOf } from "./language-model-of.ts";
import { type Loaded, providerIn } from "./provider-in.ts";

export interface AiSdkOptions extends Omit<CloudOptions, "baseUrl" | "fields" | "search" | "code"> {
  readonly fields: AiSdkFields;
  readonly installed: InstalledPackage;
  /** The provider's own address where it is absent. */
  readonly baseUrl?: string;
}

/**
 * A model of any provider package of the AI SDK that is installed. The package is code that is loaded and run.
 * @throws MassgenError `config` where it makes no language model
 */
export async function createAiSdk(options: AiSdkOptions): Promise<CouncilModel> {
  const { fields, installed, model, baseUrl, apiKey, body } = options;
  const { package: name, provider_export: exported, provider_settings: settings = {}, provider_options: further } = fields;
  const made = {
    ...(baseUrl !== undefined && { baseURL: baseUrl }),
    ...(apiKey !== undefined && { apiKey }),
    ...settings,
    fetch: cloudFetch({ secrets: [apiKey, ...secretsIn(settings)], body }),
  };
  const languageModel = await usable(name, async () => {
    const loaded = (await import(installed.entry.href)) as Loaded;
    return languageModelOf(providerIn(loaded, { name, exported }, made), model, name);
  });
  const vendor = languageModel.provider.split(".")[0] ?? name;
  return cloudModel(
    { type: vendor, capabilities: { ballots: "native", images: true, files: true }, ownTools: {} },
    languageModel,
    { ...options, search: false, code: false },
    further === undefined ? undefined : { always: optionsFor(vendor, further as JSONObject) },
  );
}

/** What a package throws when it is loaded or set up is about its settings. */
async function usable<Value>(name: string, load: () => Promise<Value>): Promise<Value> {
  try {
    return await load();
  } catch (error) {
    if (error instanceof MassgenError) throw error;
    const [why] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new MassgenError("config", `The package ${name} cannot be used: ${why}`, { cause: error });
  }
}

/** Values of settings whose names say that they are secret. */
export function secretsIn(settings: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return secretsIn(value as Readonly<Record<string, unknown>>);
    return typeof value === "string" && /key|token|secret|password|authorization/iu.test(name) ? [value] : [];
  });
}

/** Under each name that the package may look for them: `amazon-bedrock` reads those of `bedrock`. */
function optionsFor(vendor: string, options: JSONObject): SharedV4ProviderOptions {
  const words = vendor.split("-");
  const camel = words.map((word, place) => (place === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join("");
  return Object.fromEntries([vendor, camel, words.at(-1) ?? vendor].map((name) => [name, options]));
}
