import type { LanguageModelV4StreamResult } from "@ai-sdk/provider";
import type { Outcome } from "../core/facts/outcome.ts";
import type { Prompt } from "../core/messages.ts";
import { promptTokens } from "../core/prompts/prompt-tokens.ts";
import type { Clock } from "./clock.ts";
import { failureOf } from "./failure-of.ts";
import { countIfTight, fitted } from "./fit-context.ts";
import { createPatience, type Patience } from "./patience.ts";
import type { CouncilModel, Delta } from "./model.ts";
import type { Place, Wanted } from "./queue/queue.ts";
import { createReading, type Reading } from "./reading.ts";
import { brokenOff, type CallSoFar, ended, failed, replied } from "./settle-call.ts";
import { isWorthSharing } from "./sharing.ts";
import { createStopwatch } from "./stopwatch.ts";
import { toCallOptions } from "./to-call-options.ts";

export interface CallContext {
  readonly clock: Clock;
  /** Names what this prompt and others have in common from their beginning, where that is most of them. */
  readonly head?: string;
}

type ReadPart = LanguageModelV4StreamResult["stream"] extends ReadableStream<infer Part> ? Part : never;

/** Tokens a ballot takes, and a text where others stand already. */
const BALLOT_TOKENS = 60;
const TEXT_TOKENS = 400;

/** One call from the queue to the end of its stream. Its methods are called once each, in the order in which they stand. */
export class OpenCall {
  readonly #model: CouncilModel;
  readonly #context: CallContext;
  readonly #signal: AbortSignal;
  readonly #tokens: number;
  readonly #patience: Patience;
  readonly #stopwatch;
  readonly #reading: Reading;
  readonly #request = new AbortController();
  #prompt: Prompt;
  #countedTokens: number | undefined;
  #place: Place | undefined;
  #opening: PromiseLike<LanguageModelV4StreamResult> | undefined;
  #reader: ReadableStreamDefaultReader<ReadPart> | undefined;
  #isComplete = false;

  constructor(model: CouncilModel, prompt: Prompt, context: CallContext, signal: AbortSignal) {
    this.#model = model;
    this.#prompt = prompt;
    this.#context = context;
    this.#signal = signal;
    this.#tokens = prompt.promptTokens ?? promptTokens(prompt.messages);
    const timeouts = typeof model.timeouts === "function" ? model.timeouts(this.#tokens) : model.timeouts;
    this.#patience = createPatience(timeouts, context.clock, signal);
    this.#stopwatch = createStopwatch(context.clock);
    this.#reading = createReading(prompt);
  }

  /** Waits for the engine, and for the model to be in its memory; then counts a prompt that might not fit. */
  async *prepare(): AsyncGenerator<Delta, void> {
    const { queue, prepare } = this.#model;
    this.#place = await queue.acquire(this.#wanted(), this.#signal);
    if (prepare !== undefined) {
      yield* this.#load(prepare(this.#place.instead, this.#signal)[Symbol.asyncIterator]());
      this.#place.loaded();
    }
    this.#countedTokens = await this.#patience.wait(countIfTight(this.#model, this.#prompt, this.#tokens, this.#signal));
    this.#prompt = fitted(this.#prompt, this.#model, this.#countedTokens);
  }

  /** Asks the model and reads what it says. */
  async *read(): AsyncGenerator<Delta, Outcome> {
    this.#patience.sent();
    this.#stopwatch.sent();
    this.#opening = this.#model.languageModel.doStream(toCallOptions(this.#model, this.#prompt, this.#request.signal));
    this.#reader = (await this.#patience.wait(this.#opening)).stream.getReader();
    // A stream that is cancelled ends the read that waits for it, whatever its source does.
    const giveUp = (): void => void this.#reader?.cancel().catch(() => {});
    for (;;) {
      this.#patience.listen(giveUp);
      const { done, value } = await this.#reader.read();
      if (this.#patience.interruption !== undefined) return this.failedWith(this.#patience.interruption);
      if (done) break;
      const verdict = this.#take(value);
      for (const delta of this.#reading.outbox) yield delta;
      this.#reading.outbox.length = 0;
      if (verdict === "cut") return replied("cut", this.#soFar());
      if (verdict === "error") return this.failedWith(this.#reading.error?.value);
    }
    this.#isComplete = true;
    return this.#learned(ended(this.#soFar()));
  }

  failedWith(error: unknown): Outcome {
    const why = this.#patience.interruption;
    if (why !== undefined) return brokenOff(why, this.#soFar());
    return failed(failureOf(error, this.#model.at ?? this.#model.name, this.#context.clock.now()), this.#soFar());
  }

  /** Closes the stream without waiting for anybody, which is how engines learn to stop, and gives the place to the next call. */
  close(): void {
    this.#patience.stop();
    if (!this.#isComplete) {
      const ignore = (): void => {};
      this.#request.abort();
      if (this.#reader !== undefined) this.#reader.cancel().then(ignore, ignore);
      else this.#opening?.then(({ stream }) => stream.cancel().then(ignore, ignore), ignore);
    }
    const isReadStill = !this.#isComplete && this.#opening !== undefined && !this.#reading.begun;
    this.#place?.release(isReadStill ? this.#model.freed?.() : undefined);
  }

  #wanted(): Wanted {
    const { head } = this.#context;
    const { ballot, maxOutputTokens } = this.#prompt;
    const learned = this.#model.experience?.learned ?? {};
    const isShared = head !== undefined && isWorthSharing(learned, this.#tokens, ballot === undefined ? TEXT_TOKENS : BALLOT_TOKENS);
    return { tokens: this.#tokens + maxOutputTokens, ...(isShared ? { head } : {}) };
  }

  async *#load(loading: AsyncIterator<{ readonly fraction?: number }>): AsyncGenerator<Delta, void> {
    for (let begun = false; ; begun = true) {
      const { done, value } = await this.#patience.wait(loading.next());
      if (done === true) return begun ? this.#stopwatch.loaded() : undefined;
      if (!begun) this.#stopwatch.loading();
      yield { type: "loading", ...value };
    }
  }

  #take(part: ReadPart): ReturnType<Reading["take"]> {
    const verdict = this.#reading.take(part);
    if (verdict === "alive") this.#patience.alive();
    if (verdict === "said") {
      this.#stopwatch.said();
      this.#place?.begun();
    }
    this.#patience.arrived(this.#reading.begun);
    return verdict;
  }

  #learned(outcome: Outcome): Outcome {
    if (outcome.type === "replied") {
      this.#model.experience?.learn({ ...outcome.timing, ...(outcome.reasoning === undefined ? {} : { thinks: true }) });
    }
    return outcome;
  }

  #soFar(): CallSoFar {
    return {
      prompt: this.#prompt,
      reading: this.#reading,
      where: this.#model.at ?? this.#model.name,
      sent: this.#opening !== undefined,
      countedTokens: this.#countedTokens,
      timing: (usage, reported) => this.#stopwatch.timing(usage, reported),
    };
  }
}
