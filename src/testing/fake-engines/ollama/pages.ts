import { createHash } from "node:crypto";
import type { ModelFacts } from "../fake-engine.ts";
import type { Runner } from "./runners.ts";

const LONG_MS = 3_000_000_000_000;
const TEMPLATE = "{{- range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n{{ end }}<|im_start|>assistant\n";

export function tagOf(model: ModelFacts): object {
  const { id, sizeBytes } = model;
  return { name: id, model: id, modified_at: "2026-11-01T10:00:00Z", size: sizeBytes, digest: digestOf(id), details: detailsOf(model) };
}

export function runnerPage({ model, usedAt, keepMs, contextTokens }: Runner): object {
  const { id, sizeBytes } = model;
  return {
    name: id,
    model: id,
    size: sizeBytes,
    digest: digestOf(id),
    details: detailsOf(model),
    expires_at: new Date(usedAt + Math.min(keepMs, LONG_MS)).toISOString(),
    size_vram: sizeBytes,
    context_length: contextTokens,
  };
}

export function showPage(model: ModelFacts): object {
  const template = model.tools ? `{{- if .Tools }}{{ .Tools }}{{ end }}${TEMPLATE}` : TEMPLATE;
  return {
    modelfile: `FROM ${model.id}\nTEMPLATE "${template}"\n`,
    parameters: 'stop                           "<|im_start|>"',
    template,
    details: detailsOf(model),
    model_info: {
      "general.architecture": "llama",
      "general.parameter_count": 135_000_000,
      "llama.context_length": model.contextTrained,
      "llama.block_count": 30,
      "llama.attention.head_count": 9,
      "llama.attention.head_count_kv": 3,
      "llama.embedding_length": 576,
    },
    tensors: [{ name: "token_embd.weight", type: "Q8_0", shape: [576, 49_152] }],
    capabilities: [
      "completion",
      ...(model.tools ? ["tools"] : []),
      ...(model.vision ? ["vision"] : []),
      ...(model.reasoning ? ["thinking"] : []),
    ],
    modified_at: "2026-11-01T10:00:00Z",
  };
}

/** The lines of a download that goes well. */
export function pullLines({ id, sizeBytes }: ModelFacts): readonly object[] {
  const digest = `sha256:${digestOf(id)}`;
  const layer = { status: `pulling ${digestOf(id).slice(0, 12)}`, digest, total: sizeBytes };
  return [
    { status: "pulling manifest" },
    ...[0, 0.25, 0.5, 0.75, 1].map((part) => ({ ...layer, completed: Math.round(sizeBytes * part) })),
    { status: "verifying sha256 digest" },
    { status: "writing manifest" },
    { status: "success" },
  ];
}

function detailsOf({ quantization }: ModelFacts): object {
  return {
    parent_model: "",
    format: "gguf",
    family: "llama",
    families: ["llama"],
    parameter_size: "134.52M",
    quantization_level: quantization,
  };
}

function digestOf(id: string): string {
  return createHash("sha256").update(id).digest("hex");
}
