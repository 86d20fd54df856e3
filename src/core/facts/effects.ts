import * as z from "zod";
import { outcomeSchema } from "./outcome.ts";
import { rungSchema } from "./settings.ts";

/** Points at one version of one answer; its text form in prompts is the label alone. */
export const answerRefSchema = z.object({ label: z.string(), version: z.number().int().positive() });
export type AnswerRef = z.infer<typeof answerRefSchema>;

export const purposeSchema = z.enum(["draft", "ballot", "improvement", "presentation"]);
export type Purpose = z.infer<typeof purposeSchema>;

const tokens = z.number().int().positive();

/**
 * What a prompt leaves out because it would not fit: the oldest messages of the conversation before the question, and, with a limit in
 * estimated tokens, what answers and results of tools take beyond it; that of results is for each of them.
 */
const leftOutSchema = z.object({
  messages: z.number().int().nonnegative(),
  answerTokens: z.number().int().nonnegative().optional(),
  resultTokens: z.number().int().nonnegative().optional(),
});
export type LeftOut = z.infer<typeof leftOutSchema>;

/**
 * Work to do: ask `agent` once. The prompt is not stored: it is a pure function of the state (`core/prompts/conversation.ts`).
 * `continues` names the call whose conversation goes on, `because` says why.
 */
export const callRequestedSchema = z.object({
  type: z.literal("call-requested"),
  callId: z.string(),
  agent: z.string(),
  purpose: purposeSchema,
  attempt: z.number().int().positive(),
  continues: z.string().optional(),
  because: z.enum(["correction", "improve", "length", "tools"]).optional(),
  snapshot: z.array(answerRefSchema).readonly(),
  /** Ballots only: may the agent still answer, and how is it asked. */
  mayImprove: z.boolean().optional(),
  rung: rungSchema.optional(),
  /** The tools of ours that are offered, by name; never with a ballot. */
  tools: z.array(z.string()).min(1).readonly().optional(),
  /** What is sent as the limit of the output, thinking included. */
  maxOutputTokens: tokens,
  /** The bound of the text alone; a reply well beyond it is cut off by us. */
  maxTextTokens: tokens,
  /** Our estimate of the prompt, as it is before a model has shown how it counts. */
  promptTokens: tokens.optional(),
  leftOut: leftOutSchema.optional(),
});

/** The call left the queue, its model is loaded: from here on it counts as the agent's time. */
export const callStartedSchema = z.object({ type: z.literal("call-started"), callId: z.string() });

/** Asks for an open call to be closed; its settlement follows. */
export const callCancelledSchema = z.object({
  type: z.literal("call-cancelled"),
  callId: z.string(),
  why: z.enum(["new-answer", "decided", "overdue", "bound", "stopped", "agent-time"]),
});

export const callSettledSchema = z.object({ type: z.literal("call-settled"), callId: z.string(), outcome: outcomeSchema });

/**
 * Work to do: a tool of ours that `agent` called in the reply of `callId`, there under the id `toolCallId`. `input` is JSON text as the model
 * wrote it; `maxTokens` is what there is room for of the result, estimated.
 */
export const toolRequestedSchema = z.object({
  type: z.literal("tool-requested"),
  toolId: z.string(),
  callId: z.string(),
  agent: z.string(),
  toolCallId: z.string(),
  name: z.string(),
  input: z.string(),
  maxTokens: tokens,
});

/** The one result of a tool. `cut`: so many characters of it were not kept. */
const toolOutcomeSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("result"), text: z.string(), cut: z.number().int().positive().optional() }),
  z.object({ type: z.literal("failed"), text: z.string() }),
  z.object({ type: z.literal("cancelled") }),
  z.object({ type: z.literal("interrupted") }),
]);
export type ToolOutcome = z.infer<typeof toolOutcomeSchema>;

/** A cancelled tool is settled at once, whether or not it listens. */
export const toolSettledSchema = z.object({ type: z.literal("tool-settled"), toolId: z.string(), outcome: toolOutcomeSchema });

const timerPurposeSchema = z.enum(["run-time", "draft-deadline", "agent-time", "retry"]);

/** A wait; `until` is in milliseconds since the epoch. A retry's timer names the call it waits to repeat. */
export const timerRequestedSchema = z.object({
  type: z.literal("timer-requested"),
  timerId: z.string(),
  purpose: timerPurposeSchema,
  until: z.number(),
  agent: z.string().optional(),
  callId: z.string().optional(),
});

export const timerSettledSchema = z.object({
  type: z.literal("timer-settled"),
  timerId: z.string(),
  how: z.enum(["fired", "not-needed", "interrupted"]),
});
