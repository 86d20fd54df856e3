import type { FakeReply } from "../fake-openai/fake-reply.ts";
import type { FakeRequest } from "../fake-openai-server.ts";

/** A chat request as it came; `model` is the one that it asks for. */
export interface FakeEngineRequest extends FakeRequest {
  readonly path: string;
  readonly model: string;
}

/** A model that a fake engine has on its disk. */
export interface FakeModel {
  readonly id: string;
  readonly sizeBytes?: number;
  /** Tokens the model was trained for. */
  readonly contextTrained?: number;
  /** Tokens it is loaded with where the request does not say. */
  readonly contextTokens?: number;
  readonly quantization?: string;
  readonly vision?: boolean;
  readonly tools?: boolean;
  readonly reasoning?: boolean;
  /** In memory from the start, as if a person had loaded it. */
  readonly loaded?: boolean;
}

/** A model with everything filled in. */
export type ModelFacts = Required<FakeModel>;

export interface FakeEngineOptions {
  readonly models?: readonly (string | FakeModel)[];
  /** What is answered; `index` counts the chat requests from 0. By default a plausible text, or the ballot that is asked for. */
  readonly reply?: FakeReply | ((request: FakeEngineRequest, index: number) => FakeReply | Promise<FakeReply>);
  /** Required as the engine requires it, when given. */
  readonly apiKey?: string;
  readonly port?: number;
  /** Requests that one loaded model works on at once; further ones wait. */
  readonly slots?: number;
  /** Tokens a model is loaded with where it does not say itself. */
  readonly contextTokens?: number;
  /** Milliseconds that loading a model takes. */
  readonly loadMs?: number;
  /** Speed of reading and writing; without them both take no time. */
  readonly promptTokensPerSecond?: number;
  readonly tokensPerSecond?: number;
  /**
   * Tokens that the slots of a model share. Each running request takes its prompt and all its `max_tokens`;
   * when that is more than there is, every running request fails.
   */
  readonly sharedPool?: number;
  /** Models in memory at once. */
  readonly maxLoaded?: number;
  /** Told where the engine tells its own; LM Studio does not. */
  readonly version?: string;
}

export interface FakeEngine {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** Up to and with `/v1`. */
  readonly baseUrl: string;
  /** The chat requests so far, in order. */
  readonly requests: readonly FakeEngineRequest[];
  /** Method and path of every request seen: `GET /v1/models`. */
  readonly paths: readonly string[];
  /** Ids of the models in the order in which they were loaded; not those that were there from the start. */
  readonly loads: readonly string[];
  /** Chat requests being worked on now, and the most there ever were at once. */
  readonly open: number;
  readonly maxOpen: number;
  /** Chat requests whose client went away before they were answered. */
  readonly closedEarly: number;
  /** Takes a model out of memory; what it was saying ends as the engine ends it. */
  unload(id: string): void;
  close(): Promise<void>;
}

/** What an engine answers instead of a reply. */
export interface Refusal {
  readonly status: number;
  readonly body: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How a running reply ends when the engine drops it: by status while there are no headers, else as a frame. */
export interface Death extends Refusal {
  readonly body: object;
  readonly frame?: object;
}

/** The models with everything filled in. */
export function modelFacts(
  { models = ["fake-model"], contextTokens }: FakeEngineOptions,
  defaults: Partial<FakeModel>,
): readonly ModelFacts[] {
  return models.map((model) => ({
    sizeBytes: 4_700_000_000,
    contextTrained: 32_768,
    contextTokens: contextTokens ?? 4096,
    quantization: "Q4_K_M",
    vision: false,
    tools: true,
    reasoning: false,
    loaded: false,
    ...defaults,
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(typeof model === "string" ? { id: model } : model),
  }));
}
