import type { LanguageModelV4 } from "@ai-sdk/provider";
import { MassgenError } from "../../../core/errors.ts";
import { type OlderLanguageModel, upgraded } from "./upgraded.ts";

type MakeModel = (model: string) => unknown;

/**
 * A language model of a provider, whichever version of the AI SDK it was made for.
 * @throws MassgenError `config` where it makes none, or one that is too old
 */
export function languageModelOf(provider: unknown, model: string, packageName: string): LanguageModelV4 {
  const made = makerOf(provider)?.(model);
  if (!isModel(made)) {
    throw new MassgenError("config", `The package ${packageName} makes no language model.`, {
      hint: "package names a provider of the AI SDK, such as @ai-sdk/groq; provider_export names what of it to use.",
    });
  }
  const { specificationVersion: version } = made;
  if (version === "v4") return made as LanguageModelV4;
  if (version === "v2" || version === "v3") return upgraded(made as OlderLanguageModel);
  throw new MassgenError(
    "config",
    `The package ${packageName} is made for another version of the AI SDK (its models are ${version ?? "v1"}; v2 to v4 are used here).`,
    {
      hint: `npm install ${packageName}@latest, or massgen is too old for it.`,
    },
  );
}

function makerOf(provider: unknown): MakeModel | undefined {
  if (provider === null || (typeof provider !== "function" && typeof provider !== "object")) return undefined;
  const { languageModel } = provider as { readonly languageModel?: unknown };
  if (typeof languageModel === "function") return (model) => (languageModel as MakeModel).call(provider, model);
  return typeof provider === "function" ? (provider as MakeModel) : undefined;
}

function isModel(value: unknown): value is { readonly specificationVersion?: string; readonly doStream: unknown } {
  return typeof value === "object" && value !== null && typeof (value as { readonly doStream?: unknown }).doStream === "function";
}
