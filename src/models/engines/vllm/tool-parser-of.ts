/** Families of models by a part of their names, with the parser of vLLM that reads their tool calls; the first that fits holds. */
const parsers: readonly (readonly [family: RegExp, parser: string])[] = [
  [/qwen3?[-_.]?coder|qwen3\.\d/iu, "qwen3_coder"],
  [/qwen|hermes/iu, "hermes"],
  [/llama-?4/iu, "llama4_pythonic"],
  [/llama/iu, "llama3_json"],
  [/mistral|ministral|devstral|magistral/iu, "mistral"],
  [/gpt-oss/iu, "openai"],
  [/gemma-?4/iu, "gemma4"],
  [/glm-?4\.7/iu, "glm47"],
  [/glm-?4/iu, "glm45"],
  [/deepseek-?v3/iu, "deepseek_v3"],
  [/granite-?4/iu, "granite4"],
  [/granite/iu, "granite"],
  [/phi-?4-mini/iu, "phi4_mini_json"],
];

/** What to write after `--tool-call-parser` for a model; a placeholder where its family is not known. */
export function toolParserOf(model: string): string {
  return parsers.find(([family]) => family.test(model))?.[1] ?? "NAME";
}
