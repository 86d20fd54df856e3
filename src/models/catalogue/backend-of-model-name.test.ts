import { expect, test } from "vitest";
import { backendOfModelName } from "./backend-of-model-name.ts";

/** The names that v0.0.7 knows (facts 1.4), and those of the same families that it did not. */
const names = {
  openai: `gpt-5 gpt-5-mini gpt-5-nano gpt-4.1 gpt-4.1-mini gpt-4o gpt-4o-mini o1 o3 o3-low o3-medium o3-high o3-mini o3-mini-low
    o3-mini-medium o3-mini-high o4-mini o4-mini-low o4-mini-medium o4-mini-high gpt-4.1-nano GPT-5.1 chatgpt-4o-latest codex-mini-latest gpt-6-sol
    ft:gpt-4o-mini:me::1 o10-mini`,
  claude: `claude-opus-4-1-20250805 claude-opus-4-20250514 claude-sonnet-4-20250514 claude-3-5-sonnet-latest claude-3-5-haiku-latest
    claude-3-5-sonnet-20241022 claude-3-5-haiku-20241022 claude-3-sonnet-20240229 claude-3-opus-20240229 claude-3-haiku-20240307 claude-2.1
    claude-2.0 claude-instant-1.2 claude-3-7-sonnet-20250219 claude-fable-5`,
  gemini: "gemini-2.5-flash gemini-2.5-pro gemini-2.0-flash gemini-1.5-pro gemini-flash-latest models/gemini-2.5-pro",
  grok: "grok-3-mini grok-3 grok-4 grok-2-1212 grok-4-1-fast-reasoning grok-code-fast-1",
  zai: "glm-4.5 glm-4.5-air glm-4.6 GLM-5",
};

test.each(Object.entries(names).flatMap(([backend, text]) => text.split(/\s+/).map((name): readonly [string, string] => [name, backend])))(
  "%s is %s's",
  (name, backend) => {
    expect(backendOfModelName(name)).toBe(backend);
  },
);

const anywhere = `gpt-oss-120b gpt-neox-20b gpt-j-6b gpt2 openai/gpt-5 qwen3-4b Qwen/Qwen3-4B-fast llama-3.3-70b gemma-3-27b mistral-large-latest
  deepseek-chat kimi-k3 grok-1 glm-4-9b-chat glm-4.5-air-gguf my-gpt-5 o3x claude`;

test.each([...anywhere.split(/\s+/), ""])("nothing tells whose %j is", (name) => {
  expect(backendOfModelName(name)).toBeUndefined();
});
