import type { ToolDefinition } from "../core/messages.ts";

/** What a tool runs with. */
export interface ToolContext {
  /** Aborted when nobody waits for the result any more. */
  readonly signal: AbortSignal;
}

/** Something that a model may have done. */
export interface Tool extends ToolDefinition {
  /** Where it comes from, for names that would be the same otherwise: the name of its server. */
  readonly source?: string;
  /** It changes nothing anywhere, and so may be used while the council deliberates. What is not said to be so is for the presenter. */
  readonly readOnly?: boolean;
  /** It may be used while the council deliberates although it is not known to be read-only. */
  readonly allowed?: boolean;
  /**
   * Does it. What it returns is the result: text as it is, anything else as JSON, nothing for nothing. What it throws is told to the model as
   * the reason why it failed.
   * @param input what the model gave, a JSON object; of any shape, whatever the schema asks for
   */
  execute(input: Readonly<Record<string, unknown>>, context: ToolContext): unknown;
}

/** Tools that are opened together, such as those of a server, and closed together. */
export interface ToolSource {
  readonly tools: readonly Tool[];
  close(): Promise<void>;
}
