import type { Environment } from "./interpolate.ts";
import type { BackendConfig } from "./schema.ts";

/** A provider of models that this version can reach, as a council without a config would use it. */
export interface CloudBackend {
  /** That holds its key. */
  readonly variable: string;
  readonly backend: BackendConfig;
}

const cloud = (variable: string, model: string, baseUrl: string): CloudBackend => ({
  variable,
  backend: { type: "chatcompletion", model, base_url: baseUrl },
});

/** One model each, not the dearest. */
const clouds: readonly CloudBackend[] = [
  { variable: "OPENAI_API_KEY", backend: { type: "openai", model: "gpt-5-mini" } },
  cloud("XAI_API_KEY", "grok-3-mini", "https://api.x.ai/v1"),
  cloud("ZAI_API_KEY", "glm-4.5", "https://api.z.ai/api/paas/v4"),
  cloud("CEREBRAS_API_KEY", "gpt-oss-120b", "https://api.cerebras.ai/v1"),
  cloud("GROQ_API_KEY", "openai/gpt-oss-120b", "https://api.groq.com/openai/v1"),
  cloud("OPENROUTER_API_KEY", "openai/gpt-oss-120b", "https://openrouter.ai/api/v1"),
  cloud("TOGETHER_API_KEY", "openai/gpt-oss-120b", "https://api.together.xyz/v1"),
  cloud("DEEPSEEK_API_KEY", "deepseek-chat", "https://api.deepseek.com/v1"),
  cloud("MISTRAL_API_KEY", "mistral-small-latest", "https://api.mistral.ai/v1"),
];

/** The clouds whose keys are set. */
export function cloudBackends(environment: Environment): readonly CloudBackend[] {
  return clouds.filter(({ variable }) => (environment[variable] ?? "").trim() !== "");
}
