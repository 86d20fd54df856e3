import { type Counted, type Frame } from "../fake-openai/render-frames.ts";
import { outputItems } from "./output-items.ts";
import type { ResponsesReply } from "./responses-reply.ts";

interface Asked {
  readonly model: string;
  readonly counted: Counted;
}

/** A streamed reply in order, every event with its number. */
export function responseEvents(reply: ResponsesReply, asked: Asked): readonly Frame[] {
  if (reply.events !== undefined) return reply.events.map((data) => ({ token: true, data }));
  const items = outputItems(reply);
  const begun = { ...head(asked), status: "in_progress", output: [], usage: null };
  const frames: readonly Frame[] = [
    { token: false, data: { type: "response.created", response: begun } },
    { token: false, data: { type: "response.in_progress", response: begun } },
    ...items.flatMap(({ events }, output_index) =>
      events.map(({ token, data: { type, ...rest } }) => ({ token, data: { type, output_index, ...rest } })),
    ),
    ...(reply.withoutDone === true ? [] : [{ token: false, data: ending(reply, asked) }]),
  ];
  return frames.map(({ token, data }, sequence_number) => ({ token, data: { ...(data as object), sequence_number } }));
}

/** The same reply as one document. */
export function responseDocument(reply: ResponsesReply, asked: Asked): object {
  const { failed, incomplete } = reply;
  return {
    ...head(asked),
    status: failed !== undefined ? "failed" : incomplete !== undefined ? "incomplete" : "completed",
    error: failed ?? null,
    incomplete_details: incomplete === undefined ? null : { reason: incomplete },
    output: outputItems(reply).map(({ whole }) => whole),
    usage: { ...usageOf(reply, asked.counted), ...reply.usage },
  };
}

function ending(reply: ResponsesReply, asked: Asked): object {
  const response = responseDocument(reply, asked) as { readonly status: string };
  return { type: `response.${response.status}`, response };
}

function head({ model }: Asked): object {
  return { id: "resp_fake", object: "response", created_at: 1_790_000_000, error: null, incomplete_details: null, model };
}

function usageOf(reply: ResponsesReply, { promptTokens, cachedTokens }: Counted): object {
  const reasoning = tokensOf(reply.reasoning ?? "");
  const said = [
    reply.commentary,
    reply.text ?? reply.tokens?.join(""),
    reply.refusal,
    ...(reply.functionCalls ?? []).map(({ arguments: given }) => JSON.stringify(given)),
  ];
  const output = Math.max(1, tokensOf(said.join("")) + reasoning);
  return {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: cachedTokens },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: promptTokens + output,
  };
}

function tokensOf(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4);
}
