/** Models of one provider alone. Families with open weights (qwen, llama, gemma, mistral, gpt-oss, …) run anywhere and are no sign of any. */
const families: readonly (readonly [pattern: RegExp, backend: string])[] = [
  [/^(?:gpt-(?!oss|neo|j\b|sw3|jt|2\b|bigcode)|chatgpt-|codex-|o\d+(?:-|$)|ft:gpt-)/u, "openai"],
  [/^claude-/u, "claude"],
  [/^gemini-/u, "gemini"],
  [/^grok-(?!1\b)/u, "grok"],
  [/^glm-/u, "zai"],
];

/** Weights somebody runs: their names tell their size or their format. */
const WEIGHTS = /(?:^|[-_.])(?:\d+(?:\.\d+)?b|gguf|q\d_\w+|awq|gptq|mlx)(?:[-_.]|$)/u;

/** The (normalized) backend whose provider alone has the family of this model; nothing for any other, which needs a `type`. */
export function backendOfModelName(model: string): string | undefined {
  const name = model
    .trim()
    .toLowerCase()
    .replace(/^models\//u, "");
  if (WEIGHTS.test(name)) return undefined;
  return families.find(([pattern]) => pattern.test(name))?.[1];
}
