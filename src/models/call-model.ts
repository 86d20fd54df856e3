import type { LanguageModelV4StreamResult } from "@ai-sdk/provider";
import type { Failure, Finish, Outcome } from "../core/facts/outcome.ts";
import type { Prompt } from "../core/messages.ts";
import { asBallotReply } from "./ballot-reply.ts";
import type { Clock } from "./clock.ts";
import { cutFailure, failureOf } from "./failure-of.ts";
import { createPatience, type Interruption } from "./patience.ts";
import type { CouncilModel, Delta } from "./model.ts";
import { createReading, type Reading } from "./reading.ts";
import { toCallOptions } from "./to-call-options.ts";
import { NO_USAGE, usageOf } from "./usage-of.ts";

export interface CallContext {
  readonly clock: Clock;
  /** Calls with a common head go one after the other where the engine shares its cache by slot. */
  readonly inLine: boolean;
}

/**
 * Asks a model once: waits for its engine, streams deltas, returns the one outcome. Never throws for trouble of models, networks or replies.
 * An abort of `signal` settles at once as `cancelled` with what came so far, whether or not the model listens.
 */
export async function* callModel(
  model: CouncilModel,
  prompt: Prompt,
  context: CallContext,
  signal: AbortSignal,
): AsyncGenerator<Delta, Outcome> {
  const patience = createPatience(model.timeouts, context.clock, signal);
  const reading = createReading(prompt);
  const request = new AbortController();
  let release: (() => void) | undefined;
  let opening: PromiseLike<LanguageModelV4StreamResult> | undefined;
  let reader: ReadableStreamDefaultReader<ReadPart> | undefined;
  let complete = false;
  const failedWith = (error: unknown): Outcome => {
    const why = patience.interruption;
    if (why !== undefined) return brokenOff(why, reading, { prompt, sent: opening !== undefined, where: model.name });
    return failed(failureOf(error, model.name, context.clock.now()), reading, prompt);
  };
  // A stream that is cancelled ends the read that waits for it, whatever its source does.
  const giveUp = (): void => void reader?.cancel().catch(() => {});
  try {
    release = await model.queue.acquire(context.inLine, signal);
    await patience.wait(Promise.resolve(model.prepare?.(signal)));
    yield { type: "started" };
    patience.sent();
    opening = model.languageModel.doStream(toCallOptions(model, prompt, request.signal));
    reader = (await patience.wait(opening)).stream.getReader();
    for (;;) {
      patience.listen(giveUp);
      const { done, value } = await reader.read();
      if (patience.interruption !== undefined) return failedWith(patience.interruption);
      if (done) break;
      const verdict = reading.take(value);
      patience.arrived(reading.begun);
      for (const delta of reading.outbox) yield delta;
      reading.outbox.length = 0;
      if (verdict !== "more") return verdict === "cut" ? replied(reading, prompt, "cut") : failedWith(reading.error?.value);
    }
    complete = true;
    return ended(reading, prompt, model.name);
  } catch (error) {
    return failedWith(error);
  } finally {
    patience.stop();
    if (!complete) close(request, reader, opening);
    release?.();
  }
}

type ReadPart = LanguageModelV4StreamResult["stream"] extends ReadableStream<infer Part> ? Part : never;

/** Closes the stream without waiting for anybody: that is how engines learn to stop. */
function close(
  request: AbortController,
  reader: ReadableStreamDefaultReader<ReadPart> | undefined,
  opening: PromiseLike<LanguageModelV4StreamResult> | undefined,
): void {
  const ignore = (): void => {};
  request.abort();
  if (reader !== undefined) reader.cancel().then(ignore, ignore);
  else opening?.then(({ stream }) => stream.cancel().then(ignore, ignore), ignore);
}

/** A stream that came to its end. */
function ended(reading: Reading, prompt: Prompt, where: string): Outcome {
  const { finishReason } = reading;
  if (finishReason === undefined || finishReason === "interrupted") return failed(cutFailure(where), reading, prompt);
  if (finishReason === "error") {
    return failed({ kind: "server-error", message: `${where} ended its reply with an error.`, retryable: true }, reading, prompt);
  }
  const failure = failureOfNothing(reading, finishReason, where);
  return failure === undefined ? replied(reading, prompt, finishReason) : failed(failure, reading, prompt);
}

/** A reply without a word in it is none: engines lose calls that their parsers do not understand. Thinking that found no end is one. */
function failureOfNothing(reading: Reading, finish: Finish, where: string): Failure | undefined {
  const { text, reasoning, toolCalls } = reading.collect("other");
  if (text !== "" || toolCalls.length > 0) return undefined;
  if (finish === "content-filter") {
    return { kind: "content-filter", message: `${where} withheld its reply for its content policy.`, retryable: false };
  }
  if (finish === "length" || reasoning !== "") return undefined;
  return { kind: "invalid-reply", message: `${where} ended its reply without a word in it.`, retryable: true };
}

function replied(reading: Reading, prompt: Prompt, finish: Finish): Outcome {
  const collected = reading.collect(finish);
  const { text, reasoning, toolCalls } = prompt.ballot === undefined ? collected : asBallotReply(collected, prompt.ballot, finish);
  return {
    type: "replied",
    text,
    ...(reasoning === "" ? {} : { reasoning }),
    toolCalls,
    finish,
    usage: usageOf(reading.usage, prompt, reading.bytes),
  };
}

function failed(failure: Failure, reading: Reading, prompt: Prompt): Outcome {
  const { text } = reading.collect("other");
  const usage = reading.begun ? usageOf(reading.usage, prompt, reading.bytes) : NO_USAGE;
  return { type: "failed", failure, ...(text === "" ? {} : { text }), usage };
}

interface Broken {
  readonly prompt: Prompt;
  /** Whether the model had been asked already: then it read the prompt, and that is paid. */
  readonly sent: boolean;
  readonly where: string;
}

function brokenOff(why: Interruption, reading: Reading, { prompt, sent, where }: Broken): Outcome {
  const { text } = reading.collect("other");
  const usage = sent ? usageOf(reading.usage, prompt, reading.bytes) : NO_USAGE;
  const partial = text === "" ? {} : { text };
  if (why.type === "cancelled") return { type: "cancelled", ...partial, usage };
  const failure: Failure = { kind: "timeout", message: `${where} ${why.what}.`, retryable: true };
  return { type: "failed", failure, ...partial, usage };
}
