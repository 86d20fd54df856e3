import type { LanguageModelV4Content, LanguageModelV4GenerateResult, LanguageModelV4StreamPart } from "@ai-sdk/provider";

/** Puts the parts of a stream together again. Throws what an error part holds. */
export async function collectStream(parts: ReadableStream<LanguageModelV4StreamPart>): Promise<LanguageModelV4GenerateResult> {
  const content: LanguageModelV4Content[] = [];
  let warnings: LanguageModelV4GenerateResult["warnings"] = [];
  for await (const part of parts) {
    if (part.type === "stream-start") warnings = part.warnings;
    else if (part.type === "error") throw part.error;
    else if (part.type === "finish") return { content, finishReason: part.finishReason, usage: part.usage, warnings };
    else append(content, part);
  }
  throw new Error("A reply ended without saying why.");
}

function append(content: LanguageModelV4Content[], part: LanguageModelV4StreamPart): void {
  const last = content.at(-1);
  if (part.type === "text-start") content.push({ type: "text", text: "" });
  else if (part.type === "reasoning-start") content.push({ type: "reasoning", text: "" });
  else if (part.type === "tool-call" || part.type === "tool-result") content.push(part);
  else if ((part.type === "text-delta" || part.type === "reasoning-delta") && (last?.type === "text" || last?.type === "reasoning")) {
    last.text += part.delta;
  }
}
