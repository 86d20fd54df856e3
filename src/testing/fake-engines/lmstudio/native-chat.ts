import type { Frame } from "../../fake-openai/render-frames.ts";
import { contentOf, type Said } from "../said.ts";
import type { Instance } from "./memory.ts";

/** An event of `/api/v1/chat`: the name twice, as its type and as the name of the event. */
export function named(type: string, more: object = {}): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
}

/** The events of a native chat after its prompt has been read. */
export function nativeFrames(said: Said, instance: Instance, loadSeconds: number | undefined): readonly Frame[] {
  const part = (kind: string, pieces: readonly string[]): readonly Frame[] =>
    pieces.length === 0
      ? []
      : [
          { token: false, data: named(`${kind}.start`) },
          ...pieces.map((content) => ({ token: true, data: named(`${kind}.delta`, { content }) })),
          { token: false, data: named(`${kind}.end`) },
        ];
  return [
    { token: false, data: named("prompt_processing.progress", { progress: 1 }) },
    { token: false, data: named("prompt_processing.end") },
    ...part("reasoning", said.thoughts),
    ...part("message", said.pieces),
    ...(said.finish === null ? [] : [{ token: false, data: named("chat.end", { result: nativeDocument(said, instance, loadSeconds) }) }]),
  ];
}

export function nativeDocument(said: Said, { id }: Instance, loadSeconds: number | undefined): object {
  return {
    model_instance_id: id,
    output: [
      ...(said.thoughts.length === 0 ? [] : [{ type: "reasoning", content: said.thoughts.join("") }]),
      { type: "message", content: contentOf(said) },
    ],
    stats: {
      input_tokens: said.counted.promptTokens,
      total_output_tokens: said.outputTokens,
      reasoning_output_tokens: said.thoughts.length,
      tokens_per_second: 50,
      time_to_first_token_seconds: 0.1,
      ...(loadSeconds === undefined ? {} : { model_load_time_seconds: loadSeconds }),
    },
    response_id: "resp_fake",
  };
}

/** The messages that a native chat request stands for. */
export function nativeMessages(body: Readonly<Record<string, unknown>>): readonly { role: string; content: unknown }[] {
  const { input, system_prompt: system } = body;
  const parts = Array.isArray(input) ? (input as readonly { readonly content?: unknown }[]).map(({ content }) => content) : [input];
  return [
    ...(typeof system === "string" ? [{ role: "system", content: system }] : []),
    { role: "user", content: parts.filter((part) => typeof part === "string").join("\n") },
  ];
}
