import { randomInt } from "node:crypto";
import type { Frame } from "../../fake-openai/render-frames.ts";
import { argumentsOf, contentOf, deltasOf, reasoningField, usageOf, type Said } from "../said.ts";
import type { Instance } from "./memory.ts";

/** LM Studio's chunks: the role travels with the first text. */
export function chatFrames(said: Said, { model }: Instance, withUsage: boolean): readonly Frame[] {
  const head = {
    id: `chatcmpl-${randomInt(2 ** 40).toString(36)}`,
    object: "chat.completion.chunk",
    created: 1_790_000_000,
    model: model.id,
  };
  const chunk = (delta: object, finish: string | null): object => ({
    ...head,
    system_fingerprint: model.id,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  });
  const deltas = deltasOf(said, {
    reasoning: "reasoning_content",
    call: ({ id = toolId(), index, name, pieces }) => [
      { index, id, type: "function", function: { name, arguments: "" } },
      ...pieces.map((piece) => ({ index, function: { arguments: piece } })),
    ],
  });
  const usage = usageOf(said, withUsage, usageShape(said));
  return [
    ...deltas.map((delta, index) => ({ token: true, data: chunk(index === 0 ? { role: "assistant", ...delta } : delta, null) })),
    ...(said.finish === null ? [] : [{ token: false, data: chunk({}, said.finish) }]),
    ...(usage === undefined ? [] : [{ token: false, data: { ...head, system_fingerprint: model.id, choices: [], usage } }]),
  ];
}

/** LM Studio's document; with `tool_calls` and `reasoning_content` also where there are none. */
export function chatDocument(said: Said, { model }: Instance): object {
  const usage = usageOf(said, true, usageShape(said));
  const message = {
    role: "assistant",
    content: contentOf(said),
    reasoning_content: "",
    ...(said.thoughts.length === 0 ? {} : { [reasoningField(said, "reasoning_content")]: said.thoughts.join("") }),
    tool_calls: said.calls.map((call) => ({
      type: "function",
      id: call.id ?? toolId(),
      function: { name: call.name, arguments: argumentsOf(call, said.reply) },
    })),
  };
  return {
    id: `chatcmpl-${randomInt(2 ** 40).toString(36)}`,
    object: "chat.completion",
    created: 1_790_000_000,
    model: model.id,
    choices: [{ index: 0, message, logprobs: null, ...(said.finish === null ? {} : { finish_reason: said.finish }) }],
    ...(usage === undefined ? {} : { usage }),
    stats: {},
    system_fingerprint: model.id,
  };
}

/** What the older native endpoint adds. */
export function v0Extras(said: Said, { model, contextTokens }: Instance): object {
  const stopReasons: Readonly<Record<string, string>> = { length: "maxPredictedTokensReached", tool_calls: "toolCalls" };
  return {
    stats: {
      tokens_per_second: 50,
      time_to_first_token: 0.1,
      generation_time: said.outputTokens / 50,
      stop_reason: stopReasons[said.finish ?? ""] ?? "eosFound",
    },
    model_info: { arch: "llama", quant: model.quantization, format: "gguf", context_length: contextTokens },
    runtime: { name: "llama.cpp-fake", version: "1.0.0", supported_formats: ["gguf"] },
  };
}

function usageShape({ thoughts }: Said): (input: number, output: number) => object {
  return (input, output) => ({
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    completion_tokens_details: { reasoning_tokens: thoughts.length },
  });
}

/** A plain number in a string. */
function toolId(): string {
  return String(randomInt(100_000_000, 999_999_999));
}
