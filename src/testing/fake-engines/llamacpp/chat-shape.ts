import { randomBytes } from "node:crypto";
import type { Frame } from "../../fake-openai/render-frames.ts";
import { argumentsOf, contentOf, deltasOf, reasoningField, usageOf, type Said } from "../said.ts";

interface Served {
  readonly model: string;
  readonly version: string;
}

interface ChunkWish extends Served {
  readonly withUsage: boolean;
  readonly withProgress: boolean;
}

const ROLE = { role: "assistant", content: null };

/** llama-server's chunks: an empty role first, timings at the end. */
export function chatFrames(said: Said, { withUsage, withProgress, ...served }: ChunkWish): readonly Frame[] {
  const head = headOf("chat.completion.chunk", served);
  const chunk = (delta: object, finish: string | null): object => ({ choices: [{ finish_reason: finish, index: 0, delta }], ...head });
  const deltas = deltasOf(said, {
    reasoning: "reasoning_content",
    call: ({ id: call = letters(), index, name, pieces: [first = "", ...rest] }) => [
      { index, id: call, type: "function", function: { name, arguments: first } },
      ...rest.map((piece) => ({ index, function: { arguments: piece } })),
    ],
  });
  const usage = usageOf(said, withUsage, usageShape(said));
  const timings = timingsOf(said);
  return [
    ...(withProgress ? [{ token: false, data: progressChunk(said.counted, said.counted.promptTokens, served) }] : []),
    { token: false, data: chunk(ROLE, null) },
    ...deltas.map((delta) => ({ token: true, data: chunk(delta, null) })),
    ...(said.finish === null ? [] : [{ token: false, data: { ...chunk({}, said.finish), ...(usage === undefined ? { timings } : {}) } }]),
    ...(usage === undefined ? [] : [{ token: false, data: { choices: [], ...head, usage, timings } }]),
  ];
}

/** How much of the prompt has been read, as a chunk. */
export function progressChunk({ promptTokens, cachedTokens }: Said["counted"], processed: number, served: Served): object {
  const progress = { total: promptTokens, cache: cachedTokens, processed, time_ms: 0 };
  return {
    choices: [{ finish_reason: null, index: 0, delta: ROLE }],
    ...headOf("chat.completion.chunk", served),
    prompt_progress: progress,
  };
}

export function chatDocument(said: Said, served: Served): object {
  const usage = usageOf(said, true, usageShape(said));
  const message = {
    role: "assistant",
    content: contentOf(said),
    ...(said.thoughts.length === 0 ? {} : { [reasoningField(said, "reasoning_content")]: said.thoughts.join("") }),
    ...(said.calls.length === 0
      ? {}
      : {
          tool_calls: said.calls.map((call) => ({
            type: "function",
            function: { name: call.name, arguments: argumentsOf(call, said.reply) },
            id: call.id ?? letters(),
          })),
        }),
  };
  return {
    choices: [{ ...(said.finish === null ? {} : { finish_reason: said.finish }), index: 0, message }],
    ...headOf("chat.completion", served),
    ...(usage === undefined ? {} : { usage }),
    timings: timingsOf(said),
  };
}

function headOf(object: string, { model, version }: Served): object {
  return { created: 1_790_000_000, id: `chatcmpl-${letters()}`, model, system_fingerprint: version, object };
}

function usageShape({ counted }: Said): (input: number, output: number) => object {
  return (input, output) => ({
    completion_tokens: output,
    prompt_tokens: input,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: counted.cachedTokens },
  });
}

function timingsOf({ counted: { promptTokens, cachedTokens }, outputTokens }: Said): object {
  return {
    cache_n: cachedTokens,
    prompt_n: promptTokens - cachedTokens,
    prompt_ms: promptTokens - cachedTokens,
    prompt_per_token_ms: 1,
    prompt_per_second: 1000,
    predicted_n: outputTokens,
    predicted_ms: outputTokens * 20,
    predicted_per_token_ms: 20,
    predicted_per_second: 50,
  };
}

/** 32 characters, as for the ids of calls. */
function letters(): string {
  return randomBytes(24).toString("base64url").replaceAll(/[-_]/gu, "x");
}
