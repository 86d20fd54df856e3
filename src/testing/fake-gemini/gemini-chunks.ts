import type { Counted, Frame } from "../fake-openai/render-frames.ts";
import { words } from "../fake-openai/render-frames.ts";
import type { GeminiReply } from "./gemini-reply.ts";

/** A streamed reply in order: thinking, code and its results, text, function calls, then how it ended. */
export function geminiChunks(reply: GeminiReply, model: string, counted: Counted): readonly Frame[] {
  if (reply.chunks !== undefined) return reply.chunks.map((data) => ({ token: true, data }));
  const usageMetadata = usageOf(reply, counted);
  const about = { usageMetadata, modelVersion: model, responseId: "fake" };
  if (reply.blocked !== undefined) {
    return [{ token: false, data: { promptFeedback: { blockReason: reply.blocked }, ...about } }];
  }
  const chunk = (parts: readonly object[], more: object = {}): object => ({
    candidates: [{ content: { parts, role: "model" }, index: 0, ...more }],
    ...about,
  });
  const { finish = "STOP", finishMessage } = reply;
  const ending = { ...(finish !== null && { finishReason: finish }), ...(finishMessage !== undefined && { finishMessage }) };
  return [
    ...partsOf(reply).map((part) => ({ token: true, data: chunk([part]) })),
    { token: false, data: chunk([{ text: "" }], { ...ending, ...grounding(reply) }) },
  ];
}

function partsOf({ reasoning, code = [], text, tokens, functionCalls = [] }: GeminiReply): readonly object[] {
  return [
    ...words(reasoning ?? "").map((piece) => ({ text: piece, thought: true })),
    ...code.flatMap((run) => [
      { executableCode: { language: "PYTHON", code: run.code } },
      { codeExecutionResult: { outcome: run.outcome ?? "OUTCOME_OK", output: run.output } },
    ]),
    ...(tokens ?? words(text ?? "")).map((piece) => ({ text: piece })),
    ...functionCalls.map((functionCall) => ({ functionCall })),
  ];
}

function grounding({ search }: GeminiReply): object {
  if (search === undefined) return {};
  const groundingChunks = search.pages.map((web) => ({ web }));
  return { groundingMetadata: { webSearchQueries: search.queries, groundingChunks } };
}

function usageOf({ reasoning = "", text, tokens = [], usage }: GeminiReply, { promptTokens, cachedTokens }: Counted): object {
  const count = (said: string): number => Math.ceil(Buffer.byteLength(said) / 4);
  return {
    promptTokenCount: promptTokens,
    ...(cachedTokens > 0 && { cachedContentTokenCount: cachedTokens }),
    candidatesTokenCount: Math.max(1, count(text ?? tokens.join(""))),
    ...(reasoning !== "" && { thoughtsTokenCount: count(reasoning) }),
    ...usage,
  };
}
