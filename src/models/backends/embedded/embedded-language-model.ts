import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
} from "@ai-sdk/provider";
import { callRequest } from "./call-request.ts";
import { generate } from "./generate.ts";
import type { OpenModel } from "./open-model.ts";
import { unlessAborted } from "../../unless-aborted.ts";

async function stream(opened: Promise<OpenModel>, options: LanguageModelV4CallOptions): Promise<ReadableStream<LanguageModelV4StreamPart>> {
  const open = await unlessAborted(opened, options.abortSignal);
  const request = await callRequest(open, options);
  const lane = await open.lanes.take(request.tokens, options.abortSignal);
  const closed = new AbortController();
  const signal = options.abortSignal === undefined ? closed.signal : AbortSignal.any([options.abortSignal, closed.signal]);
  return new ReadableStream({
    start(controller) {
      const emit = (part: LanguageModelV4StreamPart): void => {
        if (!signal.aborted) controller.enqueue(part);
      };
      const fail = (): void => {
        if (!closed.signal.aborted) controller.error(signal.reason);
      };
      signal.addEventListener("abort", fail, { once: true });
      generate(open.engine, lane.sequence, request, { emit, signal })
        .then(
          () => signal.aborted || controller.close(),
          (error: unknown) => signal.aborted || controller.error(error),
        )
        .finally(() => {
          signal.removeEventListener("abort", fail);
          lane.release();
        });
    },
    cancel(reason) {
      closed.abort(reason);
    },
  });
}

function append(content: LanguageModelV4Content[], part: LanguageModelV4StreamPart): void {
  const last = content.at(-1);
  if (part.type === "text-start") content.push({ type: "text", text: "" });
  else if (part.type === "reasoning-start") content.push({ type: "reasoning", text: "" });
  else if (part.type === "tool-call") content.push(part);
  else if ((part.type === "text-delta" || part.type === "reasoning-delta") && (last?.type === "text" || last?.type === "reasoning")) {
    last.text += part.delta;
  }
}

/** Puts the parts of a stream together again. */
async function collect(parts: ReadableStream<LanguageModelV4StreamPart>): Promise<LanguageModelV4GenerateResult> {
  const content: LanguageModelV4Content[] = [];
  let warnings: LanguageModelV4GenerateResult["warnings"] = [];
  for await (const part of parts) {
    if (part.type === "stream-start") warnings = part.warnings;
    else if (part.type === "finish") return { content, finishReason: part.finishReason, usage: part.usage, warnings };
    else append(content, part);
  }
  throw new Error("The embedded engine ended a reply without saying why.");
}

/**
 * A model in this process as an AI SDK language model. Aborting ends the stream at once; the engine stops after the token it is at,
 * and only then is the lane free for the next call.
 * @param open loads the model if need be
 */
export function embeddedLanguageModel(modelId: string, open: () => Promise<OpenModel>): LanguageModelV4 {
  return {
    specificationVersion: "v4",
    provider: "embedded",
    modelId,
    supportedUrls: {},
    async doStream(options): Promise<LanguageModelV4StreamResult> {
      return { stream: await stream(open(), options) };
    },
    async doGenerate(options) {
      return collect(await stream(open(), options));
    },
  };
}
