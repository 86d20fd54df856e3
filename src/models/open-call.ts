import type { LanguageModelV4StreamResult } from "@ai-sdk/provider";
import type { Outcome } from "../core/facts/outcome.ts";
import type { Prompt, ToolDefinition } from "../core/messages.ts";
import { promptTokens } from "../core/prompts/prompt-tokens.ts";
import type { Clock } from "./clock.ts";
import { diagnosed } from "./failure-of.ts";
import { type ReadBlob, withTexts } from "./file-parts.ts";
import { countIfTight, fitted } from "./fit-context.ts";
import { createPatience, type Patience } from "./patience.ts";
import type { CouncilModel, Delta, LoadProgress } from "./model.ts";
import type { Place, Wanted } from "./queue/queue.ts";
import { createReading, type Reading } from "./reading.ts";
import { USUAL_REMEDIES } from "./remedies.ts";
import { brokenOff, type CallSoFar, ended, failed, replied } from "./settle-call.ts";
import { isWorthSharing } from "./sharing.ts";
import { createStopwatch } from "./stopwatch.ts";
import { toCallOptions } from "./to-call-options.ts";

export interface CallContext {
  readonly clock: Clock;
  /** Names what this prompt and others have in common from their beginning, where that is most of them. */
  readonly head?: string;
  /** The run that the call is part of. */
  readonly run?: string;
  /** The contents of files that go with a prompt. */
  readonly blob?: ReadBlob;
  /** Of the tools that the prompt offers. */
  readonly tools?: readonly ToolDefinition[];
}

type ReadPart = LanguageModelV4StreamResult["stream"] extends ReadableStream<infer Part> ? Part : never;

/** Tokens a ballot takes, and a text where others stand already. */
const BALLOT_TOKENS = 60;
const TEXT_TOKENS = 400;

/** One call from the queue to the end of its stream. */
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
  #loading: AsyncIterator<LoadProgress> | undefined;
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

  /** The call from its beginning to its one outcome. In one generator: a delta that is handed on by another costs twice. */
  async *run(): AsyncGenerator<Delta, Outcome> {
    try {
      yield* this.#prepare();
      yield { type: "started" };
      const reader = await this.#ask();
      // A stream that is cancelled ends the read that waits for it, whatever its source does.
      const giveUp = (): void => void reader.cancel().catch(() => {});
      const { outbox } = this.#reading;
      for (;;) {
        this.#patience.listen(giveUp);
        const { done, value } = await reader.read();
        const outcome = done ? this.#ended() : this.#take(value);
        for (const delta of outbox) yield delta;
        outbox.length = 0;
        if (outcome !== undefined) return outcome;
      }
    } catch (error) {
      return this.#failedWith(error);
    } finally {
      this.#close();
    }
  }

  /** Waits for the engine, and for the model to be in its memory; then counts a prompt that might not fit. */
  async *#prepare(): AsyncGenerator<Delta, void> {
    const { queue, prepare } = this.#model;
    this.#place = await queue.acquire(this.#wanted(), this.#signal);
    if (prepare !== undefined) {
      // A load once begun is finished, whether or not this call still waits for it.
      this.#loading = prepare(this.#place.instead, new AbortController().signal)[Symbol.asyncIterator]();
      yield* this.#load(this.#loading);
      this.#loading = undefined;
      this.#place.loaded();
    }
    this.#prompt = { ...this.#prompt, messages: withTexts(this.#prompt.messages, this.#read) };
    this.#countedTokens = await this.#patience.wait(countIfTight(this.#model, this.#prompt, this.#tokens, this.#signal));
    this.#prompt = fitted(this.#prompt, this.#model, this.#countedTokens);
  }

  async #ask(): Promise<ReadableStreamDefaultReader<ReadPart>> {
    this.#patience.sent();
    this.#stopwatch.sent();
    const beside = { read: this.#read, tools: this.#context.tools, run: this.#context.run };
    this.#opening = this.#model.languageModel.doStream(toCallOptions(this.#model, this.#prompt, beside, this.#request.signal));
    this.#reader = (await this.#patience.wait(this.#opening)).stream.getReader();
    return this.#reader;
  }

  #ended(): Outcome {
    if (this.#patience.interruption !== undefined) return this.#failedWith(this.#patience.interruption);
    this.#isComplete = true;
    return this.#learned(ended(this.#soFar()));
  }

  #failedWith(error: unknown): Outcome {
    const why = this.#patience.interruption;
    if (why !== undefined) return brokenOff(why, this.#soFar());
    return failed(diagnosed(error, this.#where, this.#context.clock.now()), this.#soFar());
  }

  /** Closes the stream without waiting for anybody, which is how engines learn to stop, and gives the place to the next call. */
  #close(): void {
    this.#patience.stop();
    if (!this.#isComplete) {
      const ignore = (): void => {};
      this.#request.abort();
      if (this.#reader !== undefined) this.#reader.cancel().then(ignore, ignore);
      else this.#opening?.then(({ stream }) => stream.cancel().then(ignore, ignore), ignore);
    }
    this.#place?.release(this.#busyWith());
  }

  /** What the engine is still at for this call, so that its place is not free yet. */
  #busyWith(): Promise<unknown> | undefined {
    if (this.#loading !== undefined) return this.#finish(this.#loading);
    const isReadStill = !this.#isComplete && this.#opening !== undefined && !this.#reading.begun;
    return isReadStill ? this.#model.freed?.() : undefined;
  }

  async #finish(loading: AsyncIterator<LoadProgress>): Promise<void> {
    while ((await loading.next()).done !== true);
    this.#place?.loaded();
  }

  readonly #read: ReadBlob = (id) => this.#context.blob?.(id);

  get #where(): string {
    return this.#model.place?.name ?? this.#model.name;
  }

  #wanted(): Wanted {
    const { head } = this.#context;
    const { ballot, maxOutputTokens } = this.#prompt;
    const learned = this.#model.experience?.learned ?? {};
    const isCheaper = this.#tokens >= (this.#model.cachesFrom ?? Infinity);
    const isFaster = isWorthSharing(learned, this.#tokens, ballot === undefined ? TEXT_TOKENS : BALLOT_TOKENS);
    const isShared = head !== undefined && (isCheaper || isFaster);
    return { tokens: this.#tokens + maxOutputTokens, ...(isShared ? { head } : {}) };
  }

  async *#load(loading: AsyncIterator<LoadProgress>): AsyncGenerator<Delta, void> {
    for (let begun = false; ; begun = true) {
      const { done, value } = await this.#patience.wait(loading.next());
      if (done === true) return begun ? this.#stopwatch.loaded() : undefined;
      if (!begun) this.#stopwatch.loading();
      yield { type: "loading", ...value };
    }
  }

  /** @returns how the call ended, if this part ended it */
  #take(part: ReadPart): Outcome | undefined {
    if (this.#patience.interruption !== undefined) return this.#failedWith(this.#patience.interruption);
    const hadBegun = this.#reading.begun;
    const verdict = this.#reading.take(part);
    if (verdict === "alive") this.#patience.alive();
    if (verdict === "said") this.#stopwatch.said();
    if (this.#reading.begun && !hadBegun) this.#place?.begun();
    this.#patience.arrived(this.#reading.begun);
    if (verdict === "cut") return replied("cut", this.#soFar());
    return verdict === "error" ? this.#failedWith(this.#reading.error?.value) : undefined;
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
      where: this.#where,
      remedies: this.#model.place?.remedies ?? USUAL_REMEDIES,
      sent: this.#opening !== undefined,
      countedTokens: this.#countedTokens,
      works: this.#model.works === true,
      timing: (usage, reported) => this.#stopwatch.timing(usage, reported),
    };
  }
}
