import type { ModelFacts } from "../fake-engine.ts";
import type { Instance } from "./memory.ts";

/** `/api/v1/models`: everything about everything. */
export function v1Models(models: readonly ModelFacts[], instances: readonly Instance[], parallel: number): object {
  return {
    models: models.map((model) => ({
      type: "llm",
      publisher: publisherOf(model),
      key: model.id,
      display_name: model.id.split("/").at(-1),
      architecture: "llama",
      quantization: { name: model.quantization, bits_per_weight: bitsOf(model) },
      size_bytes: model.sizeBytes,
      params_string: null,
      loaded_instances: instances
        .filter((instance) => instance.isReady && instance.model.id === model.id)
        .map((instance) => ({ id: instance.id, config: loadConfig(instance.contextTokens, parallel) })),
      max_context_length: model.contextTrained,
      format: "gguf",
      capabilities: {
        vision: model.vision,
        trained_for_tool_use: model.tools,
        ...(model.reasoning ? { reasoning: { allowed_options: ["off", "on"], default: "on" } } : {}),
      },
      description: null,
      variants: [`${model.id}@${model.quantization.toLowerCase()}`],
      selected_variant: `${model.id}@${model.quantization.toLowerCase()}`,
    })),
  };
}

/** One model of `/api/v0/models`. */
export function v0Model(model: ModelFacts, instances: readonly Instance[]): object {
  const loaded = instances.find((instance) => instance.isReady && instance.model.id === model.id);
  return {
    id: model.id,
    object: "model",
    type: model.vision ? "vlm" : "llm",
    publisher: publisherOf(model),
    arch: "llama",
    compatibility_type: "gguf",
    quantization: model.quantization,
    state: loaded === undefined ? "not-loaded" : "loaded",
    max_context_length: model.contextTrained,
    ...(loaded === undefined ? {} : { loaded_context_length: loaded.contextTokens }),
    ...(model.tools ? { capabilities: ["tool_use"] } : {}),
  };
}

/** How a model is loaded, as the load endpoint echoes it. */
export function loadConfig(contextTokens: number, parallel: number): object {
  return { context_length: contextTokens, eval_batch_size: 512, parallel, flash_attention: true, offload_kv_cache_to_gpu: true };
}

function publisherOf({ id }: ModelFacts): string {
  return id.includes("/") ? (id.split("/")[0] ?? id) : "fake";
}

function bitsOf({ quantization }: ModelFacts): number {
  return Number(/\d+/u.exec(quantization)?.[0] ?? 16);
}
