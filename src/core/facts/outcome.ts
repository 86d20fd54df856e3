import * as z from "zod";

/** Tokens of one call. `estimated` is true where the engine did not report them and they were counted as UTF-8 bytes / 4. */
export const usageSchema = z.object({
  inputTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  cachedInputTokens: z.number().int().nonnegative().optional(),
  reasoningTokens: z.number().int().nonnegative().optional(),
  estimated: z.boolean(),
});
export type Usage = z.infer<typeof usageSchema>;

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
});
export type Failure = z.infer<typeof failureSchema>;

/** A call to a tool as the model wrote it; `input` is JSON text, never parsed in the log. */
const toolCallSchema = z.object({ id: z.string(), name: z.string(), input: z.string() });
export type ToolCall = z.infer<typeof toolCallSchema>;

/** How a reply ended; `cut` means that we closed the stream because the reply went on beyond its bound. */
const finishSchema = z.enum(["stop", "length", "tool-calls", "content-filter", "cut", "other"]);
export type Finish = z.infer<typeof finishSchema>;

const repliedSchema = z.object({
  type: z.literal("replied"),
  text: z.string(),
  reasoning: z.string().optional(),
  toolCalls: z.array(toolCallSchema).readonly(),
  finish: finishSchema,
  usage: usageSchema,
});
export type Reply = z.infer<typeof repliedSchema>;

/** The one result of a call. `text` on the last three is what had arrived until then. */
export const outcomeSchema = z.discriminatedUnion("type", [
  repliedSchema,
  z.object({ type: z.literal("failed"), failure: failureSchema, text: z.string().optional(), usage: usageSchema }),
  z.object({ type: z.literal("cancelled"), text: z.string().optional(), usage: usageSchema }),
  z.object({ type: z.literal("interrupted"), usage: usageSchema }),
]);
export type Outcome = z.infer<typeof outcomeSchema>;
