import type { ServedKind } from "../engines/served-engines.ts";

/** An open-weight model that people know by one name and every engine by another. */
export interface Family {
  /** As configs name it. */
  readonly name: string;
  /** Of the largest file that an engine's own library has for it at about 4.8 bits a weight. */
  readonly bytes: number;
  /** Whether the id of a model, in lower case, is one of a build of it. */
  readonly isIt: RegExp;
  /** What to ask an engine for that does not have it yet. */
  readonly pullAs: { readonly [Kind in ServedKind]?: string };
  /** Its name in the catalogue of the embedded engine. */
  readonly embedded?: string;
}

const GB = 1e9;

/** Words after the name that make it another model: raw, for other work, or in a cloud. Fine-tunes have words of their own before it. */
const ANOTHER = String.raw`(?!.*(?:base\b|text\b|-pt\b|thinking|embed|rerank|guard|vl\b|cloud))`;

/** The name begins the id, a path's last part, or what follows the maker in `maker_name`. */
function named(name: string): RegExp {
  return new RegExp(String.raw`(?:^|[/\\_])(?:${name})${ANOTHER}`, "u");
}

/** Smallest first. Names as the engines' own libraries list them. */
export const families: readonly Family[] = [
  {
    name: "smollm2-1.7b",
    bytes: 1.8 * GB,
    isIt: named(String.raw`smollm2-1\.7b|smollm2:(?:1\.7b|latest)`),
    pullAs: { ollama: "smollm2:1.7b", lmstudio: "https://huggingface.co/bartowski/SmolLM2-1.7B-Instruct-GGUF" },
    embedded: "SmolLM2-1.7B-Instruct",
  },
  {
    name: "qwen3-4b",
    bytes: 2.5 * GB,
    isIt: named("qwen3[-:]4b"),
    pullAs: { ollama: "qwen3:4b-instruct", lmstudio: "qwen/qwen3-4b-2507" },
    embedded: "Qwen3-4B-Instruct-2507",
  },
  {
    name: "llama3.1-8b",
    bytes: 4.9 * GB,
    isIt: named(String.raw`(?:meta-)?llama-?3\.1(?:[-:]8b|:latest)`),
    pullAs: { ollama: "llama3.1:8b", lmstudio: "https://huggingface.co/lmstudio-community/Meta-Llama-3.1-8B-Instruct-GGUF" },
  },
  {
    name: "qwen3-8b",
    bytes: 5.2 * GB,
    isIt: named("qwen3(?:[-:]8b|:latest)"),
    pullAs: { ollama: "qwen3:8b", lmstudio: "qwen/qwen3-8b" },
  },
  {
    name: "gemma3-12b",
    bytes: 8.1 * GB,
    isIt: named("gemma-?3[-:]12b"),
    pullAs: { ollama: "gemma3:12b", lmstudio: "google/gemma-3-12b" },
  },
  {
    name: "gpt-oss-20b",
    bytes: 13.8 * GB,
    isIt: named("gpt-oss(?:[-:]20b|:latest)"),
    pullAs: { ollama: "gpt-oss:20b", lmstudio: "openai/gpt-oss-20b" },
  },
  {
    name: "qwen3-30b-a3b",
    bytes: 18.6 * GB,
    isIt: named("qwen3[-:]30b"),
    pullAs: { ollama: "qwen3:30b-a3b-instruct-2507-q4_K_M", lmstudio: "qwen/qwen3-30b-a3b-2507" },
  },
  {
    name: "qwen3-32b",
    bytes: 20.2 * GB,
    isIt: named("qwen3[-:]32b"),
    pullAs: { ollama: "qwen3:32b", lmstudio: "qwen/qwen3-32b" },
  },
];

export function familyNamed(name: string): Family | undefined {
  return families.find((family) => family.name === name.toLowerCase());
}
