import type { Capabilities } from "../backend.ts";

/** A provider that serves models by OpenAI's chat completions. */
export interface ChatProvider {
  /** For people: `Groq`. */
  readonly title: string;
  /** Its key goes to exactly these hosts. */
  readonly hosts: readonly string[];
  /** Where it is asked if nobody says otherwise. */
  readonly baseUrl: string;
  /** Variables that may hold the key, in order. */
  readonly variables: readonly string[];
  /** What is asked where a config names no model: not the dearest. */
  readonly model: string;
  /** The best rung that its models stand on. */
  readonly ballots: Capabilities["ballots"];
  /** For the docs: what is peculiar to it. */
  readonly note: string;
}

/** Providers that are known by their hosts. Any other address works, with `api_key` of the config. Adding one is a row here. */
export const chatProviders: readonly ChatProvider[] = [
  {
    title: "Cerebras",
    hosts: ["api.cerebras.ai"],
    baseUrl: "https://api.cerebras.ai/v1",
    variables: ["CEREBRAS_API_KEY"],
    model: "gpt-oss-120b",
    ballots: "native",
    note: "`reasoning_effort: low`, `medium` or `high` for gpt-oss",
  },
  {
    title: "Groq",
    hosts: ["api.groq.com"],
    baseUrl: "https://api.groq.com/openai/v1",
    variables: ["GROQ_API_KEY"],
    model: "openai/gpt-oss-120b",
    ballots: "native",
    note: "`reasoning_format: parsed` keeps thinking apart; models without schemas fall back to a tool",
  },
  {
    title: "OpenRouter",
    hosts: ["openrouter.ai"],
    baseUrl: "https://openrouter.ai/api/v1",
    variables: ["OPENROUTER_API_KEY"],
    model: "openai/gpt-oss-120b",
    ballots: "native",
    note: "`reasoning: { effort: low }`, `provider: { order: [...] }`; `:online` behind the model's name searches the web",
  },
  {
    title: "Together AI",
    hosts: ["api.together.xyz", "api.together.ai"],
    baseUrl: "https://api.together.xyz/v1",
    variables: ["TOGETHER_API_KEY"],
    model: "openai/gpt-oss-120b",
    ballots: "native",
    note: "both addresses take the same key",
  },
  {
    title: "Fireworks AI",
    hosts: ["api.fireworks.ai"],
    baseUrl: "https://api.fireworks.ai/inference/v1",
    variables: ["FIREWORKS_API_KEY"],
    model: "accounts/fireworks/models/gpt-oss-120b",
    ballots: "native",
    note: "models are named `accounts/fireworks/models/NAME`",
  },
  {
    title: "Nebius",
    hosts: ["api.studio.nebius.ai", "api.studio.nebius.com", "api.tokenfactory.nebius.com"],
    baseUrl: "https://api.tokenfactory.nebius.com/v1",
    variables: ["NEBIUS_API_KEY"],
    model: "openai/gpt-oss-120b",
    ballots: "native",
    note: "its older addresses work as well",
  },
  {
    title: "DeepSeek",
    hosts: ["api.deepseek.com"],
    baseUrl: "https://api.deepseek.com/v1",
    variables: ["DEEPSEEK_API_KEY"],
    model: "deepseek-chat",
    ballots: "tool",
    note: "has no schemas, so ballots are asked by a tool; `deepseek-reasoner` shows its thinking",
  },
  {
    title: "Mistral",
    hosts: ["api.mistral.ai"],
    baseUrl: "https://api.mistral.ai/v1",
    variables: ["MISTRAL_API_KEY"],
    model: "mistral-small-latest",
    ballots: "native",
    note: "`seed` is called `random_seed` there: put that into the backend instead",
  },
  {
    title: "Moonshot AI",
    hosts: ["api.moonshot.ai", "api.moonshot.cn"],
    baseUrl: "https://api.moonshot.ai/v1",
    variables: ["MOONSHOT_API_KEY"],
    model: "kimi-k2-turbo-preview",
    ballots: "tool",
    note: "has no schemas, so ballots are asked by a tool; keys of the two hosts differ",
  },
];

/** The provider whose host this is, exactly. */
export function chatProviderAt(baseUrl: string): ChatProvider | undefined {
  const hostname = URL.parse(baseUrl)?.hostname;
  return chatProviders.find(({ hosts }) => hosts.some((host) => host === hostname));
}
