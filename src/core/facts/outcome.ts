import * as z from "zod";

/** Tokens of one call. `estimated` is true where the engine did not report them and they were estimated. */
export const usageSchema = z.object({
  inputTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  cachedInputTokens: z.number().int().nonnegative().optional(),
  reasoningTokens: z.number().int().nonnegative().optional(),
  estimated: z.boolean(),
});
export type Usage = z.infer<typeof usageSchema>;

/**
 * Times of one call on its engine. Speeds are tokens a second: of the prompt, those from a cache not counted, and of the output; `reported`
 * says that the engine measured the output itself. `loadMs` was spent on reading the model into memory.
 */
const timingSchema = z.object({
  loadMs: z.number().nonnegative().optional(),
  firstTokenMs: z.number().nonnegative().optional(),
  promptPerSecond: z.number().positive().optional(),
  tokensPerSecond: z.number().positive().optional(),
  reported: z.boolean(),
});
export type Timing = z.infer<typeof timingSchema>;

const failureKinds = [
  "auth",
  "not-found",
  "bad-request",
  "context-overflow",
  "rate-limited",
  "overloaded",
  "loading",
  "not-running",
  "connection",
  "timeout",
  "server-error",
  "invalid-reply",
  "out-of-memory",
  "content-filter",
  "redirect",
  "unavailable",
] as const;

/** Why a call gave nothing. `retryable` says whether the very same request could succeed later; `retryAfterMs` is what the provider asked for. */
export const failureSchema = z.object({
  kind: z.enum(failureKinds),
  message: z.string(),
  retryable: z.boolean(),
  retryAfterMs: z.number().nonnegative().optional(),
  status: z.number().int().optional(),
  /** Of a prompt that was too long: its tokens, at least so many, and those there is room for, where they are known. */
  overflow: z
    .object({ promptTokens: z.number().int().positive().optional(), contextTokens: z.number().int().positive().optional() })
    .optional(),
});
export type Failure = z.infer<typeof failureSchema>;

/** A call to a tool as the model wrote it; `input` is JSON text, never parsed in the log. */
const toolCallSchema = z.object({ id: z.string(), name: z.string(), input: z.string() });
export type ToolCall = z.infer<typeof toolCallSchema>;

/**
 * What a tool of the provider's own did during a call: a search, a run of code. `input` and `output` are JSON text or plain text, bounded;
 * `output` is absent where the provider keeps it to itself.
 */
const activitySchema = z.object({ tool: z.string(), input: z.string(), output: z.string().optional(), failed: z.boolean().optional() });
export type Activity = z.infer<typeof activitySchema>;

/** What a reply refers to: a page on the web, or a document by its title. */
const citedSchema = z.object({ url: z.string().optional(), title: z.string().optional() });
export type Cited = z.infer<typeof citedSchema>;

/** How a reply ended; `cut` means that we closed the stream because the reply went on beyond its bound. */
const finishSchema = z.enum(["stop", "length", "tool-calls", "content-filter", "cut", "other"]);
export type Finish = z.infer<typeof finishSchema>;

/** What every call has that reached a model. `countedTokens`: tokens of the prompt as the engine counted them before the call. */
const measured = { usage: usageSchema, timing: timingSchema.optional(), countedTokens: z.number().int().positive().optional() };

const repliedSchema = z.object({
  type: z.literal("replied"),
  text: z.string(),
  reasoning: z.string().optional(),
  toolCalls: z.array(toolCallSchema).readonly(),
  activity: z.array(activitySchema).readonly().optional(),
  sources: z.array(citedSchema).readonly().optional(),
  finish: finishSchema,
  ...measured,
});
export type Reply = z.infer<typeof repliedSchema>;

/** The one result of a call. `text` on the last three is what had arrived until then. */
export const outcomeSchema = z.discriminatedUnion("type", [
  repliedSchema,
  z.object({ type: z.literal("failed"), failure: failureSchema, text: z.string().optional(), ...measured }),
  z.object({ type: z.literal("cancelled"), text: z.string().optional(), ...measured }),
  z.object({ type: z.literal("interrupted"), usage: usageSchema }),
]);
export type Outcome = z.infer<typeof outcomeSchema>;
