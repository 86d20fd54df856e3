import type { LanguageModelV4 } from "@ai-sdk/provider";
import type { Failure } from "../../core/facts/outcome.ts";
import type { Rung } from "../../core/facts/settings.ts";
import type { Message } from "../../core/messages.ts";
import type { CouncilModel, LoadProgress } from "../model.ts";
import type { CacheSharing } from "../queue/queue.ts";

/** Engines that run models on somebody's own hardware, in the order in which they are preferred. */
export const engineKinds = ["lmstudio", "llamacpp", "ollama", "vllm", "sglang", "embedded"] as const;
export type EngineKind = (typeof engineKinds)[number];

/** A value with where it was read, for people: `max_model_len of /v1/models`. */
export interface Sourced<Value> {
  readonly value: Value;
  readonly source: string;
}

/** A model that an engine has. Absent is what it does not tell. */
export interface EngineModel {
  /** As requests name it. */
  readonly id: string;
  /** Tokens it was trained for. */
  readonly contextTrained?: Sourced<number>;
  /** Tokens of prompt and output together that one call has as it is loaded now. */
  readonly contextLoaded?: Sourced<number>;
  readonly quantization?: Sourced<string>;
  /** Of its weights. */
  readonly sizeBytes?: Sourced<number>;
  /** Bytes of memory that keys and values of one token take, at 16 bits a number. */
  readonly contextBytesPerToken?: Sourced<number>;
  readonly vision?: Sourced<boolean>;
  /** Whether it was trained to call tools. */
  readonly tools?: Sourced<boolean>;
  /** Whether it can think before it answers. */
  readonly reasoning?: Sourced<boolean>;
  /** Whether a JSON schema binds what it replies. */
  readonly obeysSchema?: Sourced<boolean>;
  /** Fields of a request's body that keep it from thinking before a ballot. */
  readonly thinkingOff?: Sourced<Readonly<Record<string, unknown>>>;
  /** Whether the engine only passes calls on to a cloud. */
  readonly remote?: Sourced<boolean>;
  /** Whether it is in memory. */
  readonly loaded?: Sourced<boolean>;
  /** Calls it works on at once as it is loaded now. */
  readonly slots?: Sourced<number>;
}

/** What came of looking whether an engine is there. */
export type Probe =
  | { readonly type: "ready"; readonly version?: string }
  | { readonly type: "loading" }
  /** Nothing listens, or it cannot be reached. */
  | { readonly type: "down"; readonly failure: Failure }
  /** It is there and does not let us in. */
  | { readonly type: "refused"; readonly failure: Failure }
  /** Something answers, but not this engine; `what` names it: `Ollama`, `a web page titled "…"`. */
  | { readonly type: "other"; readonly what: string }
  /** It did not answer in time: neither well nor ill. */
  | { readonly type: "unknown"; readonly why: string };

/** What an engine can do at once for a model. */
export interface Slots {
  readonly slots: Sourced<number>;
  /** Tokens that all running calls share, where slots have no context of their own. */
  readonly poolTokens?: Sourced<number>;
  readonly sharing: CacheSharing;
}

/** How a model is to be loaded; what is absent is the engine's default, what an engine does not know it leaves alone. */
export interface LoadOptions {
  readonly contextTokens?: number;
  readonly slots?: number;
  /** Idle time after which it may leave memory, in seconds. */
  readonly ttlSeconds?: number;
  /** The model that has to leave memory for it. */
  readonly instead?: string;
}

export interface PullProgress {
  readonly receivedBytes?: number;
  readonly totalBytes?: number;
  /** What it is doing, where that is not receiving. */
  readonly doing?: string;
}

/**
 * One engine at one address. Except `probe`, its methods reject with what `failureOf` reads: `failureOf(error, engine.name, now)` makes the
 * sentence. None of them spends a token.
 */
export interface Engine {
  readonly kind: EngineKind;
  /** For sentences: `LM Studio at http://127.0.0.1:1234`. */
  readonly name: string;
  /** Its address without the path of an API; `embedded:` for the one in this process. */
  readonly origin: string;
  /** Judged by what it says, not by its status; within `PROBE_MS`. */
  probe(signal: AbortSignal): Promise<Probe>;
  models(signal: AbortSignal): Promise<readonly EngineModel[]>;
  slots(model: EngineModel, signal: AbortSignal): Promise<Slots>;
  /** What to change about how it was started so that it serves a council better, a sentence each. */
  advice(signal: AbortSignal): Promise<readonly string[]>;
  /** Starts its server on this machine; absent where we do not know how. Only for somebody who was allowed to. */
  readonly start?: (signal: AbortSignal) => Promise<void>;
  /** The context a call has, in tokens of prompt and output together, where a config wants `wanted`. */
  contextOf(model: EngineModel, wanted: number | undefined): number | undefined;
  /** Whether a request alone makes it load the model: then loading it first takes nothing that would not be taken. */
  readonly loadsUnasked: boolean;
  /** Models it keeps that only requests made it load; one more sends another away, even while that answers. Absent: it never does that. */
  readonly keepsUnasked?: number;
  /** Reads a model into memory and ends when it is ready; reports nothing where it is there already. */
  readonly load?: (model: string, options: LoadOptions, signal: AbortSignal) => AsyncIterable<LoadProgress>;
  readonly unload?: (model: string, signal: AbortSignal) => Promise<void>;
  /** Fetches a model to the engine's own store. */
  readonly pull?: (name: string, signal: AbortSignal) => AsyncIterable<PullProgress>;
  readonly countTokens?: (model: string, messages: readonly Message[], signal: AbortSignal) => Promise<number>;
  /** Calls it is working on now, whoever made them; nothing where it does not tell. */
  readonly busy?: (signal: AbortSignal) => Promise<number | undefined>;
  /** Settles once no more calls are being worked on than `running` says at that moment. */
  readonly freed?: (running: () => number) => Promise<void>;
  /** The rungs of the ballot ladder a model may stand on here, best first. */
  rungs(model: EngineModel): readonly Rung[];
  languageModel(model: string, settings: ModelSettings): LanguageModelV4;
  /** Fields of every request's body, and those added for ballots: thinking off. Under the name of the language model's provider. */
  providerOptions(model: EngineModel, settings: ModelSettings): NonNullable<CouncilModel["providerOptions"]>;
}

/** What a config says about how a model is used, beside sampling. */
export interface ModelSettings {
  readonly contextTokens?: number;
  readonly topK?: number;
  readonly ttlSeconds?: number;
  /** Further fields of every request's body, as they are. */
  readonly body?: Readonly<Record<string, unknown>>;
}

/** How an engine is reached. */
export interface EngineAddress {
  /** With or without the `/v1` at its end. */
  readonly baseUrl: string;
  /** Sent to that host and to no other. */
  readonly apiKey?: string;
}

/** Longest an engine may take to show that it is there, in milliseconds: half a second less what asking fifty of them at once takes. */
export const PROBE_MS = 450;
