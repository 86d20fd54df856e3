import { randomBytes } from "node:crypto";
import type { Frame } from "../../fake-openai/render-frames.ts";
import { argumentsOf, contentOf, deltasOf, reasoningField, usageOf, type Said } from "../said.ts";

/** How the server was started, and what the request asks for. */
export interface VllmWish {
  readonly model: string;
  readonly version: string;
  readonly promptDetails: boolean;
  readonly requestMetrics: boolean;
  readonly withUsage: boolean;
  /** A running usage in every chunk. */
  readonly runningUsage: boolean;
  /** One tool was asked for by name: a call then ends with `stop`. */
  readonly named: boolean;
  readonly required: boolean;
}

/** vLLM's chunks. The last one is signed. What is cut by its limit ends with its last text, all else with an empty delta. */
export function chatFrames(said: Said, wish: VllmWish): readonly Frame[] {
  const head = headOf("chat.completion.chunk", wish.model);
  const finish = finishOf(said, wish);
  const chunk = (choice: object, written: number, more: object = {}): object => ({
    ...head,
    choices: [{ index: 0, logprobs: null, finish_reason: null, ...choice }],
    ...(wish.runningUsage ? { usage: { ...totals(said.counted.promptTokens, written), completion_tokens_details: null } } : {}),
    ...more,
  });
  const ending = { finish_reason: finish, stop_reason: null, token_ids: null };
  const deltas = deltasOf(said, { reasoning: "reasoning", call: callPieces, besideCalls: { content: null } });
  const endsWithText = finish === "length" && said.calls.length === 0 && deltas.length > 0;
  const usage = usageOf(said, wish.withUsage, (input, output) => ({
    ...totals(input, output),
    ...(wish.promptDetails ? { prompt_tokens_details: cached(said) } : {}),
  }));
  const signature = usage === undefined ? { system_fingerprint: fingerprint(wish) } : {};
  const metrics = wish.requestMetrics ? { metrics: metricsOf(said) } : {};
  return [
    { token: false, data: chunk({ delta: { role: "assistant", content: "" } }, 0, { prompt_token_ids: null, prompt_text: null }) },
    ...deltas.map((delta, index) => {
      const last = endsWithText && index === deltas.length - 1;
      return { token: true, data: chunk({ delta, ...(last ? ending : { token_ids: null }) }, index + 1, last ? signature : {}) };
    }),
    ...(finish === null || endsWithText ? [] : [{ token: false, data: chunk({ delta: {}, ...ending }, said.outputTokens, signature) }]),
    ...(usage === undefined
      ? []
      : [{ token: false, data: { ...head, choices: [], usage, system_fingerprint: fingerprint(wish), ...metrics } }]),
  ];
}

export function chatDocument(said: Said, wish: VllmWish): object {
  const finish = finishOf(said, wish);
  const usage = usageOf(said, true, (input, output) => ({
    ...totals(input, output),
    prompt_tokens_details: wish.promptDetails ? { ...cached(said), multimodal_tokens: null } : null,
    completion_tokens_details: said.thoughts.length === 0 ? null : { reasoning_tokens: said.thoughts.length },
  }));
  const content = said.pieces.length === 0 && said.calls.length > 0 && !wish.named && !wish.required ? null : contentOf(said);
  const message = {
    role: "assistant",
    content,
    refusal: null,
    annotations: null,
    audio: null,
    function_call: null,
    ...(said.calls.length === 0 ? {} : { tool_calls: wholeCalls(said) }),
    reasoning: null,
    ...(said.thoughts.length === 0 ? {} : { [reasoningField(said, "reasoning")]: said.thoughts.join("") }),
  };
  const ending = finish === null ? {} : { finish_reason: finish };
  return {
    ...headOf("chat.completion", wish.model),
    choices: [{ index: 0, message, logprobs: null, ...ending, stop_reason: null, token_ids: null, routed_experts: null }],
    service_tier: null,
    system_fingerprint: fingerprint(wish),
    ...(usage === undefined ? {} : { usage }),
    prompt_logprobs: null,
    prompt_token_ids: null,
    prompt_text: null,
    kv_transfer_params: null,
    ec_transfer_params: null,
    metrics: wish.requestMetrics ? { ...metricsOf(said), speculative_decoding: null } : null,
  };
}

/** The head of a call has no arguments at all. */
function callPieces({ id = callId(), index, name, pieces }: Said["calls"][number]): readonly object[] {
  return [{ id, type: "function", index, function: { name } }, ...pieces.map((piece) => ({ index, function: { arguments: piece } }))];
}

function wholeCalls({ calls, reply }: Said): readonly object[] {
  return calls.map((call) => ({
    id: call.id ?? callId(),
    type: "function",
    function: { name: call.name, arguments: argumentsOf(call, reply) },
  }));
}

function finishOf({ finish, reply }: Said, { named }: VllmWish): string | null {
  return named && reply.finish === undefined && finish === "tool_calls" ? "stop" : finish;
}

function fingerprint({ version }: VllmWish): string {
  return `vllm-${version}-fake0000`;
}

function headOf(object: string, model: string): object {
  return { id: `chatcmpl-${hex()}`, object, created: 1_790_000_000, model };
}

function totals(input: number, output: number): object {
  return { prompt_tokens: input, total_tokens: input + output, completion_tokens: output };
}

function cached({ counted }: Said): object {
  return { cached_tokens: counted.cachedTokens, created_cache_tokens: 0 };
}

function metricsOf({ outputTokens }: Said): object {
  return {
    time_to_first_token_ms: 100,
    generation_time_ms: outputTokens * 20,
    queue_time_ms: 0.03,
    mean_itl_ms: 20,
    tokens_per_second: 50,
  };
}

function callId(): string {
  return `chatcmpl-tool-${hex()}`;
}

function hex(): string {
  return randomBytes(8).toString("hex");
}
