import type { ServedKind } from "../engines/engines.ts";

/** An open-weight model that people know by one name and every engine by another. */
export interface Family {
  /** As configs name it. */
  readonly name: string;
  /** Its weights as presets count them, at about 4.8 bits a weight. */
  readonly bytes: number;
  /** Whether the id of a model, in lower case, is one of a build of it. */
  readonly isIt: RegExp;
  /** What to ask an engine for that does not have it yet. */
  readonly pullAs: { readonly [Kind in ServedKind]?: string };
  /** Its name in the catalogue of the embedded engine. */
  readonly embedded?: string;
}

const GB = 1e9;

/** Smallest first. Names as the engines' own libraries list them; sizes of the files they fetch. */
export const families: readonly Family[] = [
  {
    name: "smollm2-1.7b",
    bytes: 1.06 * GB,
    isIt: /smollm2.?1\.7b/u,
    pullAs: { ollama: "smollm2:1.7b", lmstudio: "https://huggingface.co/bartowski/SmolLM2-1.7B-Instruct-GGUF" },
    embedded: "SmolLM2-1.7B-Instruct",
  },
  {
    name: "qwen3-4b",
    bytes: 2.5 * GB,
    isIt: /qwen3[-:_]?4b(?!.*(?:thinking|embed|rerank|vl))/u,
    pullAs: { ollama: "qwen3:4b-instruct", lmstudio: "qwen/qwen3-4b-2507" },
    embedded: "Qwen3-4B-Instruct-2507",
  },
  {
    name: "llama3.1-8b",
    bytes: 4.9 * GB,
    isIt: /llama[-_]?3\.1[-:_]?8b/u,
    pullAs: { ollama: "llama3.1:8b", lmstudio: "https://huggingface.co/lmstudio-community/Meta-Llama-3.1-8B-Instruct-GGUF" },
  },
  {
    name: "qwen3-8b",
    bytes: 5.0 * GB,
    isIt: /qwen3[-:_]?8b(?!.*(?:embed|rerank|vl))/u,
    pullAs: { ollama: "qwen3:8b", lmstudio: "qwen/qwen3-8b" },
  },
  {
    name: "gemma3-12b",
    bytes: 7.3 * GB,
    isIt: /gemma[-_]?3[-:_]?12b/u,
    pullAs: { ollama: "gemma3:12b", lmstudio: "google/gemma-3-12b" },
  },
  {
    name: "gpt-oss-20b",
    bytes: 12.1 * GB,
    isIt: /gpt[-_]?oss[-:_]?20b/u,
    pullAs: { ollama: "gpt-oss:20b", lmstudio: "openai/gpt-oss-20b" },
  },
  {
    name: "qwen3-32b",
    bytes: 19.8 * GB,
    isIt: /qwen3[-:_]?32b/u,
    pullAs: { ollama: "qwen3:32b", lmstudio: "qwen/qwen3-32b" },
  },
];

export function familyNamed(name: string): Family | undefined {
  return families.find((family) => family.name === name.toLowerCase());
}
