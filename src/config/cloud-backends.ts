import { backends, cloudTypes } from "../models/backends/backends.ts";
import type { Environment } from "./interpolate.ts";
import type { BackendConfig } from "./schema.ts";

/** A provider of models, as a council without a config would use it. */
export interface CloudBackend {
  /** That holds its key. */
  readonly variable: string;
  readonly backend: BackendConfig;
}

interface Cloud {
  /** The first that is set holds the key. */
  readonly variables: readonly string[];
  readonly backend: BackendConfig;
}

const compatible = (variable: string, model: string, baseUrl: string): Cloud => ({
  variables: [variable],
  backend: { type: "chatcompletion", model, base_url: baseUrl },
});

/** One model each, not the dearest. */
const clouds: readonly Cloud[] = [
  ...cloudTypes.map((type): Cloud => ({ variables: backends[type].variables, backend: { type, model: backends[type].model } })),
  compatible("CEREBRAS_API_KEY", "gpt-oss-120b", "https://api.cerebras.ai/v1"),
  compatible("GROQ_API_KEY", "openai/gpt-oss-120b", "https://api.groq.com/openai/v1"),
  compatible("OPENROUTER_API_KEY", "openai/gpt-oss-120b", "https://openrouter.ai/api/v1"),
  compatible("TOGETHER_API_KEY", "openai/gpt-oss-120b", "https://api.together.xyz/v1"),
  compatible("DEEPSEEK_API_KEY", "deepseek-chat", "https://api.deepseek.com/v1"),
  compatible("MISTRAL_API_KEY", "mistral-small-latest", "https://api.mistral.ai/v1"),
];

/** The clouds whose keys are set. */
export function cloudBackends(environment: Environment): readonly CloudBackend[] {
  return clouds.flatMap(({ variables, backend }) => {
    const variable = variables.find((name) => (environment[name] ?? "").trim() !== "");
    return variable === undefined ? [] : [{ variable, backend }];
  });
}
