import type { Attachment } from "./facts/attachment.ts";
import type { ToolCall } from "./facts/outcome.ts";

/** One message of a prompt. At most one system message, the first; user and assistant alternate; the last is the user's or a tool result. */
export type Message =
  | { readonly role: "system"; readonly text: string }
  /** Files come before the text. A model is given only those it can take. `headLength`: characters that other prompts begin with, too. */
  | { readonly role: "user"; readonly text: string; readonly attachments?: readonly Attachment[]; readonly headLength?: number }
  | { readonly role: "assistant"; readonly text: string; readonly toolCalls?: readonly ToolCall[] }
  | { readonly role: "tool"; readonly results: readonly { readonly id: string; readonly name: string; readonly text: string }[] };

/** A ballot to be filled in: what the choices are and on which rung of the ladder it is asked for. */
export interface BallotForm {
  readonly rung: "schema" | "tool" | "text";
  /** The labels shown, in that order, then `improve` while the agent may answer. */
  readonly choices: readonly string[];
}

/** All that a model is given for one call. */
export interface Prompt {
  readonly messages: readonly Message[];
  readonly maxOutputTokens: number;
  readonly maxTextTokens: number;
  /** What the messages cost this model to read, estimated, where that was done already. */
  readonly promptTokens?: number;
  /** What the run has left, for a model that works in many requests of its own: it is to stop there. */
  readonly tokensLeft?: number;
  readonly ballot?: BallotForm;
  /** The tools of ours that may be called, by name. */
  readonly tools?: readonly string[];
  /** The final words: what a provider's own tools could find should stand in the answers by now, and nobody reads it again. */
  readonly presents?: true;
}

/** A tool as a model is told of it. `inputSchema` is a JSON schema of an object. */
export interface ToolDefinition {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
}
