import type { ModelFacts } from "../fake-engine.ts";

/** `/v1/models` of a server with one model; `n_ctx` is what one slot has. */
export function modelsPage({ id, contextTokens, contextTrained, sizeBytes, quantization, vision }: ModelFacts): object {
  const details = { parent_model: "", format: "gguf", family: "", families: [""], parameter_size: "", quantization_level: "" };
  return {
    models: [
      {
        name: id,
        model: id,
        modified_at: "",
        size: "",
        digest: "",
        type: "model",
        description: "",
        tags: [""],
        capabilities: ["completion", ...(vision ? ["multimodal"] : [])],
        parameters: "",
        details,
      },
    ],
    object: "list",
    data: [
      {
        id,
        aliases: [id],
        tags: [],
        object: "model",
        architecture: { input_modalities: ["text", ...(vision ? ["image"] : [])], output_modalities: ["text"] },
        created: 1_790_000_000,
        owned_by: "llamacpp",
        meta: {
          vocab_type: 2,
          n_vocab: 49_152,
          n_ctx: contextTokens,
          n_ctx_train: contextTrained,
          n_embd: 576,
          n_params: 134_515_008,
          size: sizeBytes,
          ftype: quantization,
        },
      },
    ],
  };
}

/** `/props`. */
export function propsPage(
  model: ModelFacts,
  slots: number,
  { metrics, version }: { readonly metrics: boolean; readonly version: string },
): object {
  return {
    default_generation_settings: {
      params: { seed: 4_294_967_295, temperature: 0.8, max_tokens: -1, n_predict: -1 },
      n_ctx: model.contextTokens,
    },
    total_slots: slots,
    model_alias: model.id,
    model_ftype: model.quantization,
    model_path: `models/${model.id}.gguf`,
    modalities: { vision: model.vision, video: false, audio: false },
    media_marker: "<__media__>",
    endpoint_slots: true,
    endpoint_props: true,
    endpoint_metrics: metrics,
    ui: true,
    ui_settings: {},
    chat_template: "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}",
    chat_template_caps: {
      supports_object_arguments: model.tools,
      supports_parallel_tool_calls: model.tools,
      supports_preserve_reasoning: false,
      supports_reasoning_effort: false,
      supports_string_content: true,
      supports_system_role: true,
      supports_tool_calls: model.tools,
      supports_tools: model.tools,
      supports_typed_content: false,
    },
    bos_token: "<|im_start|>",
    eos_token: "<|im_end|>",
    build_info: version,
    is_sleeping: false,
    cors_proxy_enabled: false,
  };
}

/** `/slots`: the first `busy` of them at work, the first `used` of them used before. */
export function slotsPage(slots: number, contextTokens: number, { busy, used }: { readonly busy: number; readonly used: number }): object {
  return Array.from({ length: slots }, (_, id) => ({
    id,
    n_ctx: contextTokens,
    speculative: false,
    is_processing: id < busy,
    ...(id < used
      ? {
          id_task: id,
          n_prompt_tokens: 0,
          n_prompt_tokens_processed: 0,
          n_prompt_tokens_cache: 0,
          params: {},
          next_token: [{ has_next_token: id < busy, has_new_line: false, n_remain: -1, n_decoded: 0 }],
        }
      : {}),
  }));
}

export function metricsPage(processing: number, deferred: number): string {
  const gauges: Readonly<Record<string, number>> = { requests_processing: processing, requests_deferred: deferred };
  return Object.entries(gauges)
    .map(([name, value]) => `# TYPE llamacpp:${name} gauge\nllamacpp:${name} ${value}\n`)
    .join("");
}
