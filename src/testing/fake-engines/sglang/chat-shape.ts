import { randomBytes } from "node:crypto";
import type { Frame } from "../../fake-openai/render-frames.ts";
import { argumentsOf, contentOf, deltasOf, reasoningField, usageOf, type Said } from "../said.ts";

interface SglangWish {
  readonly model: string;
  readonly cacheReport: boolean;
  readonly withUsage: boolean;
}

const EMPTY = { role: null, content: null, reasoning_content: null, tool_calls: null };

/** SGLang's chunks: every field in every delta. */
export function chatFrames(said: Said, { model, cacheReport, withUsage }: SglangWish): readonly Frame[] {
  const head = headOf("chat.completion.chunk", model);
  const chunk = (delta: object, finish: string | null): object => ({
    ...head,
    choices: [
      { index: 0, delta: { ...EMPTY, ...delta }, logprobs: null, finish_reason: finish, matched_stop: finish === "stop" ? 2 : null },
    ],
    usage: null,
  });
  const usage = usageOf(said, withUsage, usageShape(said, cacheReport));
  return [
    { token: false, data: chunk({ role: "assistant", content: "" }, null) },
    ...deltasOf(said, { reasoning: "reasoning_content", call: callPieces }).map((delta) => ({ token: true, data: chunk(delta, null) })),
    ...(said.finish === null ? [] : [{ token: false, data: chunk({}, said.finish) }]),
    ...(usage === undefined ? [] : [{ token: false, data: { ...head, choices: [], usage } }]),
  ];
}

export function chatDocument(said: Said, { model, cacheReport }: SglangWish): object {
  const usage = usageOf(said, true, usageShape(said, cacheReport));
  const message = {
    role: "assistant",
    content: said.calls.length > 0 && said.pieces.length === 0 ? null : contentOf(said),
    reasoning_content: null,
    ...(said.thoughts.length === 0 ? {} : { [reasoningField(said, "reasoning_content")]: said.thoughts.join("") }),
    tool_calls: said.calls.length === 0 ? null : wholeCalls(said),
  };
  const finish = said.finish === null ? {} : { finish_reason: said.finish };
  return {
    ...headOf("chat.completion", model),
    choices: [{ index: 0, message, logprobs: null, ...finish, matched_stop: said.finish === "stop" ? 2 : null }],
    ...(usage === undefined ? {} : { usage }),
    metadata: { weight_version: "default" },
  };
}

function wholeCalls({ calls, reply }: Said): readonly object[] {
  return calls.map((call) => ({
    id: call.id ?? callId(),
    index: call.index,
    type: "function",
    function: { name: call.name, arguments: argumentsOf(call, reply) },
  }));
}

function callPieces({ id = callId(), index, name, pieces }: Said["calls"][number]): readonly object[] {
  return [
    { id, index, type: "function", function: { name, arguments: "" } },
    ...pieces.map((piece) => ({ id: null, index, type: "function", function: { name: null, arguments: piece } })),
  ];
}

function headOf(object: string, model: string): object {
  return { id: randomBytes(16).toString("hex"), object, created: 1_790_000_000, model };
}

function usageShape({ counted, thoughts }: Said, cacheReport: boolean): (input: number, output: number) => object {
  return (input, output) => ({
    prompt_tokens: input,
    total_tokens: input + output,
    completion_tokens: output,
    prompt_tokens_details: cacheReport ? { cached_tokens: counted.cachedTokens } : null,
    reasoning_tokens: thoughts.length,
  });
}

function callId(): string {
  return `call_${randomBytes(12).toString("hex")}`;
}
