import { randomInt } from "node:crypto";
import type { Frame } from "../../fake-openai/render-frames.ts";
import { contentOf, deltasOf, reasoningField, usageOf, type Said } from "../said.ts";
import { callId, shuffled, type Asked } from "./native-shape.ts";

/** Ollama's chunks: the role in every one, calls whole. */
export function v1Frames(said: Said, asked: Asked, withUsage: boolean): readonly Frame[] {
  const head = headOf("chat.completion.chunk", asked);
  const chunk = (delta: object, finish: string | null): object => ({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] });
  const deltas = deltasOf(said, {
    reasoning: "reasoning",
    call: (call) => [v1Call(call, asked)],
    everywhere: { role: "assistant" },
    besideCalls: { content: "" },
  });
  const usage = usageOf(said, withUsage, usageShape);
  return [
    ...deltas.map((delta) => ({ token: true, data: chunk(delta, null) })),
    ...(said.finish === null ? [] : [{ token: false, data: chunk({ role: "assistant", content: "" }, said.finish) }]),
    ...(usage === undefined ? [] : [{ token: false, data: { ...head, choices: [], usage } }]),
  ];
}

export function v1Document(said: Said, asked: Asked): object {
  const usage = usageOf(said, true, usageShape);
  const message = {
    role: "assistant",
    content: contentOf(said),
    ...(said.thoughts.length === 0 ? {} : { [reasoningField(said, "reasoning")]: said.thoughts.join("") }),
    ...(said.calls.length === 0 ? {} : { tool_calls: said.calls.map((call) => v1Call(call, asked)) }),
  };
  return {
    ...headOf("chat.completion", asked),
    choices: [{ index: 0, message, ...(said.finish === null ? {} : { finish_reason: said.finish }) }],
    ...(usage === undefined ? {} : { usage }),
  };
}

function headOf(object: string, { model }: Asked): object {
  return { id: `chatcmpl-${randomInt(1, 999)}`, object, created: 1_790_000_000, model, system_fingerprint: "fp_ollama" };
}

function v1Call({ id = callId(), index, name, value, text }: Said["calls"][number], asked: Asked): object {
  const written = typeof value === "string" ? text : JSON.stringify(shuffled(value, asked.index));
  return { id, index, type: "function", function: { name, arguments: written } };
}

function usageShape(input: number, output: number): object {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}
