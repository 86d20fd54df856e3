import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart, LanguageModelV4StreamResult } from "@ai-sdk/provider";
import { collectStream } from "../../collect-stream.ts";
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
      return collectStream(await stream(open(), options));
    },
  };
}
