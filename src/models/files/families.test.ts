import { describe, expect, test } from "vitest";
import { families, familyNamed } from "./families.ts";

/** Ids as engines list them: Ollama's tags, LM Studio's keys and copies, repositories, quantized repositories and files of llama.cpp. */
const ids: Readonly<Record<string, { readonly builds: readonly string[]; readonly neighbours: readonly string[] }>> = {
  "smollm2-1.7b": {
    builds: [
      "smollm2:1.7b",
      "smollm2:latest",
      "smollm2-1.7b-instruct",
      "HuggingFaceTB/SmolLM2-1.7B-Instruct",
      "bartowski/SmolLM2-1.7B-Instruct-GGUF:Q4_K_M",
      "/models/SmolLM2-1.7B-Instruct-Q4_K_M.gguf",
    ],
    neighbours: ["smollm2:135m", "SmolLM2-135M-Instruct", "smollm3-3b", "HuggingFaceTB/SmolLM2-360M-Instruct"],
  },
  "qwen3-4b": {
    builds: [
      "qwen3:4b",
      "qwen3:4b-instruct",
      "qwen/qwen3-4b-2507",
      "qwen/qwen3-4b-2507:2",
      "Qwen/Qwen3-4B-Instruct-2507",
      "unsloth/Qwen3-4B-Instruct-2507-GGUF",
      "bartowski/Qwen_Qwen3-4B-Instruct-2507-GGUF",
      "Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
      "mlx-community/Qwen3-4B-Instruct-2507-4bit",
    ],
    neighbours: [
      "qwen/qwen3-4b-thinking-2507",
      "qwen3:4b-thinking",
      "Qwen/Qwen3-4B-Base",
      "qwen/qwen3-vl-4b",
      "text-embedding-qwen3-embedding-4b",
      "Qwen/Qwen3-Reranker-4B",
      "qwen3:14b",
      "qwen3.5:4b",
      "qwen3:latest",
    ],
  },
  "llama3.1-8b": {
    builds: [
      "llama3.1:8b",
      "llama3.1:latest",
      "llama3.1:8b-instruct-q4_K_M",
      "meta-llama-3.1-8b-instruct",
      "meta-llama/Llama-3.1-8B-Instruct",
      "hf.co/bartowski/Meta-Llama-3.1-8B-Instruct-GGUF:Q4_K_M",
      "C:\\models\\Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf",
      "hugging-quants/Meta-Llama-3.1-8B-Instruct-AWQ-INT4",
    ],
    neighbours: [
      "llama3.1:70b",
      "llama3.2:3b",
      "llama3:8b",
      "llama3.1:8b-text-q4_K_M",
      "hermes-3-llama-3.1-8b",
      "dolphin3.0-llama3.1-8b",
      "meta-llama/Llama-Guard-3-8B",
      "deepseek-r1-distill-llama-8b",
      "nvidia/Llama-3.1-Nemotron-Nano-8B-v1",
    ],
  },
  "qwen3-8b": {
    builds: ["qwen3:8b", "qwen3:latest", "qwen/qwen3-8b", "qwen3-8b@q4_k_m", "Qwen/Qwen3-8B", "Qwen/Qwen3-8B-AWQ", "Qwen3-8B-Q4_K_M.gguf"],
    neighbours: [
      "deepseek/deepseek-r1-0528-qwen3-8b",
      "qwen/qwen3-vl-8b",
      "qwen3-embedding:8b",
      "Qwen/Qwen3-8B-Base",
      "qwen2.5:7b",
      "qwen3:1.7b",
    ],
  },
  "gemma3-12b": {
    builds: [
      "gemma3:12b",
      "gemma3:12b-it-qat",
      "google/gemma-3-12b",
      "google/gemma-3-12b-it",
      "gemma-3-12b-it-qat",
      "bartowski/google_gemma-3-12b-it-GGUF:Q4_K_M",
    ],
    neighbours: [
      "gemma3:latest",
      "gemma3:4b",
      "google/gemma-3-12b-pt",
      "google/gemma-3n-e4b",
      "gemma2:9b",
      "medgemma-27b-it",
      "gemma4:12b",
    ],
  },
  "gpt-oss-20b": {
    builds: ["gpt-oss:20b", "gpt-oss:latest", "openai/gpt-oss-20b", "unsloth/gpt-oss-20b-GGUF:F16", "gpt-oss-20b-mxfp4.gguf"],
    neighbours: ["gpt-oss:20b-cloud", "gpt-oss:120b", "openai/gpt-oss-120b", "openai/gpt-oss-safeguard-20b"],
  },
  "qwen3-30b-a3b": {
    builds: [
      "qwen3:30b",
      "qwen3:30b-a3b-instruct-2507-q4_K_M",
      "qwen/qwen3-30b-a3b-2507",
      "Qwen/Qwen3-30B-A3B-Instruct-2507-FP8",
      "lmstudio-community/Qwen3-30B-A3B-Instruct-2507-GGUF",
    ],
    neighbours: ["qwen/qwen3-coder-30b", "Qwen/Qwen3-30B-A3B-Thinking-2507", "qwen3-vl:30b", "Qwen/Qwen3-30B-A3B-Base"],
  },
  "qwen3-32b": {
    builds: ["qwen3:32b", "qwen/qwen3-32b", "Qwen/Qwen3-32B-AWQ"],
    neighbours: ["qwen2.5:32b", "qwen/qwen3-vl-32b", "qwq:32b", "deepseek-r1:32b"],
  },
};

describe.each(families)("$name", ({ name, isIt }) => {
  const { builds, neighbours } = ids[name] ?? { builds: [], neighbours: [] };

  test.each([...builds])("is %s", (id) => {
    expect(isIt.test(id.toLowerCase())).toBe(true);
  });

  test.each([...neighbours, ...Object.entries(ids).flatMap(([other, { builds: its }]) => (other === name ? [] : its))])(
    "is not %s",
    (id) => {
      expect(isIt.test(id.toLowerCase())).toBe(false);
    },
  );
});

test("every family is tried above, can be fetched by its engines under a name of its own, and smaller ones come first", () => {
  expect(Object.keys(ids)).toEqual(families.map(({ name }) => name));
  for (const { name, isIt, pullAs } of families) {
    for (const pulled of Object.values(pullAs))
      expect({ name, pulled, isIts: isIt.test(pulled.toLowerCase()) }).toMatchObject({ isIts: true });
  }
  expect(families.toSorted((one, other) => one.bytes - other.bytes)).toEqual(families);
});

test("a family is named in any case, and nothing else is one", () => {
  expect(familyNamed("Qwen3-8B")?.name).toBe("qwen3-8b");
  expect(familyNamed("qwen3")).toBeUndefined();
});
