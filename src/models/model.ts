import type { LanguageModelV4, LanguageModelV4ProviderTool, SharedV4ProviderOptions } from "@ai-sdk/provider";
import type { Accepts } from "../core/facts/attachment.ts";
import type { Rung } from "../core/facts/settings.ts";
import type { Message } from "../core/messages.ts";
import type { RefusedField } from "./catalogue/model-facts.ts";
import type { Experience } from "./experience.ts";
import type { Queue } from "./queue/queue.ts";
import type { Remedies } from "./remedies.ts";

/** How far a model is read into memory, from 0 to 1; absent where the engine does not tell. */
export interface LoadProgress {
  readonly fraction?: number;
}

/** What a model sends while a call is open. Never stored; losing all of them loses nothing. */
export type Delta =
  | { readonly type: "started" }
  | ({ readonly type: "loading" } & LoadProgress)
  /** Tokens of the prompt that the engine has read, of all. */
  | { readonly type: "prefill"; readonly processed: number; readonly total: number }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "reasoning"; readonly text: string }
  /** A tool of the provider's own is at work: a search, a run of code. `input` is what it was given, as JSON text. */
  | { readonly type: "activity"; readonly tool: string; readonly input: string };

/** Layered limits in milliseconds; an absent one does not exist. */
export interface Timeouts {
  readonly firstTokenMs?: number;
  readonly stallMs?: number;
  readonly callMs?: number;
}

/** How an agent samples; what is absent is left to the engine. */
export interface Sampling {
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly seed?: number;
  readonly maxTokens?: number;
}

/** A model on a council: any AI SDK language model with what the council must know about it. */
export interface CouncilModel {
  readonly languageModel: LanguageModelV4;
  /** Shown to people, never to an agent: `chatcompletion/qwen3-4b`. */
  readonly name: string;
  /** The engine behind it, for sentences about trouble: `LM Studio at http://127.0.0.1:1234`, and what helps there. */
  readonly place?: { readonly name: string; readonly remedies: Remedies };
  /** Tokens of prompt and output together, where known. */
  readonly contextTokens?: number;
  /** What it can be sent besides text; absent: nothing, as far as is known. */
  readonly accepts?: Accepts;
  /** The rungs of the ballot ladder this model may stand on, best first. */
  readonly rungs: readonly Rung[];
  readonly sampling: Sampling;
  /** Fixed, or by the estimated tokens of the prompt. */
  readonly timeouts: Timeouts | ((promptTokens: number) => Timeouts);
  /** Shared by all agents of one model of one engine. */
  readonly queue: Queue;
  /**
   * Loads what must be in memory first; its time is not the agent's.
   * @param instead the model that has to leave memory for it
   */
  readonly prepare?: (instead: string | undefined, signal: AbortSignal) => AsyncIterable<LoadProgress>;
  /** Tokens of a prompt as the engine itself counts them. */
  readonly countTokens?: (messages: readonly Message[], signal: AbortSignal) => Promise<number>;
  /** Settles once the engine no longer works on a call that was given up before its first token. */
  readonly freed?: () => Promise<void>;
  /** Whether it can call functions of ours; unsaid: it can. */
  readonly callsTools?: boolean;
  /** Whether it can think before it answers, and so needs room for that. */
  readonly thinks?: boolean;
  /** Fields with which its provider refuses a request, as configs name them. */
  readonly refuses?: readonly RefusedField[];
  /** What is known of its speed; learns with every call. */
  readonly experience?: Experience;
  /** Tokens of a common head from which its provider charges less for what it has read before: calls then follow one that leads. */
  readonly cachesFrom?: number;
  /** Fields for the request body, by provider name, as they are. `ballot` is added where thinking must stay off. */
  readonly providerOptions?: {
    readonly always?: SharedV4ProviderOptions;
    /** Added to all calls of a run, such as a key by which a provider finds what it has read before. */
    readonly ofRun?: (run: string) => SharedV4ProviderOptions;
    readonly ballot?: SharedV4ProviderOptions;
    /** Put on the part of a message that other prompts begin with, too, where a cache keeps only what is marked. */
    readonly head?: SharedV4ProviderOptions;
    /** Added for a ballot in labelled text, where the engine can be made to keep to its lines. */
    readonly labelled?: (choices: readonly string[]) => SharedV4ProviderOptions;
  };
  /** How much to think over a ballot, in the words of the AI SDK, which knows what a model's provider calls that; absent: as always. */
  readonly ballotReasoning?: "none" | "minimal" | "low";
  /** Tools that the provider itself runs, offered wherever text is written and never with a ballot. */
  readonly providerTools?: readonly LanguageModelV4ProviderTool[];
  /**
   * Whether it is an agent of its own that works with its tools before it answers: its drafts take their time, and it reads much more than it
   * is sent, so that its counts say nothing about our prompts.
   */
  readonly works?: boolean;
  /** The model as one agent of one run has it, where runs leave something behind, such as files. */
  readonly inRun?: (seat: { readonly runId: string; readonly agent: string }) => RunModel;
  readonly close?: () => Promise<void>;
}

/** A model that belongs to one agent of one run. */
export interface RunModel extends CouncilModel {
  /**
   * The run has ended: what the winner made is kept, what others made is taken away; without a winner nothing is decided.
   * @returns what a person should know of it, a sentence each
   */
  readonly runEnded: (how: "won" | "lost" | "undecided") => Promise<readonly string[]>;
}
