import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { JSONObject } from "@ai-sdk/provider";
import { MassgenError } from "../core/errors.ts";
import { withoutUndefined } from "../core/without-undefined.ts";
import type { AiSdkFields } from "../models/backends/ai-sdk/ai-sdk-fields.ts";
import { type AiSdkOptions, createAiSdk, secretsIn } from "../models/backends/ai-sdk/create-ai-sdk.ts";
import { findPackage, type InstalledPackage } from "../models/backends/ai-sdk/find-package.ts";
import { experienceKey } from "../models/experience-store.ts";
import { acceptsOf } from "./accepts-of.ts";
import { type BuiltSeat, nameOf, samplingOf, seatOf, type Surroundings } from "./council.ts";
import { fittedToModel } from "./fitted-to-model.ts";
import type { Environment } from "./interpolate.ts";
import { findKey, type KeyFound, secretsAmong } from "./keys.ts";
import type { AgentConfig, BackendConfig } from "./schema.ts";

/** Seats an agent on a provider package of the AI SDK. Throws `MassgenError("config")` where it is not installed or cannot be used. */
export async function aiSdkSeat(agent: AgentConfig, { environment, experience }: Surroundings): Promise<BuiltSeat> {
  const { backend } = agent;
  const fields = backend.fields as AiSdkFields;
  const installed = packageOf(agent);
  if (installed === undefined) throw notInstalled(agent, fields.package);
  const { model, backend: taken, notices } = fittedToModel(agent, backend.model ?? "");
  const { key, warning } = keyFor(backend, fields.package, environment);
  const councilModel = await createAiSdk({
    ...withoutUndefined<Pick<AiSdkOptions, "accepts" | "apiKey" | "baseUrl" | "body" | "contextTokens" | "parallel">>({
      accepts: acceptsOf(backend),
      apiKey: key,
      baseUrl: backend.base_url,
      body: taken.extra_body as JSONObject | undefined,
      contextTokens: backend.context_length,
      parallel: backend.parallel,
    }),
    installed,
    model,
    fields,
    sampling: samplingOf(taken),
    experience: experience(experienceKey("ai_sdk", backend.base_url ?? fields.package, model)),
  });
  const { provider_settings: settings = {}, ...recorded } = fields;
  return {
    seat: seatOf(agent, councilModel),
    backend: { ...backend, fields: { ...recorded, package_folder: installed.from } },
    secrets: secretsAmong([...(key === undefined ? [] : [key]), ...secretsIn(settings), ...readable(environment)]),
    notices: [...(warning === undefined ? [] : [warning]), ...notices],
  };
}

/** The package of such an agent as it is installed: where the config says, else beside the config, in the current folder, beside massgen. */
export function packageOf({ backend, place }: AgentConfig): InstalledPackage | undefined {
  const { package: name, package_folder: folder } = backend.fields as AiSdkFields;
  const beside = place === undefined ? "." : dirname(place.replace(/:\d+:\d+$/u, ""));
  if (folder !== undefined) return findPackage(name, [resolve(beside, folder)]);
  return findPackage(name, [resolve(beside), process.cwd(), dirname(fileURLToPath(import.meta.url))]);
}

function notInstalled(agent: AgentConfig, name: string): MassgenError {
  return new MassgenError("config", `The package ${name}, which ${nameOf(agent)} uses, is not installed.`, { hint: `npm install ${name}` });
}

/**
 * The configured key; else, at the provider's own address, the one in the variable that is called like the package (`@ai-sdk/groq`:
 * `GROQ_API_KEY`). Elsewhere only what belongs to that host: the empty text, so that the package does not take its own variable there.
 */
function keyFor({ api_key: own, base_url: baseUrl }: BackendConfig, name: string, environment: Environment): KeyFound {
  if (baseUrl !== undefined) return { key: "", ...findKey(baseUrl, own, environment, false) };
  const variable = `${(name.split("/").at(-1) ?? "").replaceAll(/\W+/gu, "_").toUpperCase()}_API_KEY`;
  const key = [own, environment[variable]].map((text) => text?.trim()).find((text) => text !== undefined && text !== "");
  return key === undefined ? {} : { key };
}

/** What a package may read from the environment by itself. */
function readable(environment: Environment): readonly string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    /(?:KEY|TOKEN|SECRET|PASSWORD)$/u.test(name) && value !== undefined ? [value] : [],
  );
}
