import * as z from "zod";
import { acceptsSchema, attachmentSchema } from "./attachment.ts";

const positive = z.number().int().positive();

/** How a ballot is asked for: a JSON schema the engine enforces, a strict tool call, or labelled text. */
export const rungSchema = z.enum(["schema", "tool", "text"]);
export type Rung = z.infer<typeof rungSchema>;

/**
 * A tool of ours as the protocol sees it. One that writes is for the presenter, unless it is `allowed` while the council deliberates. `tokens`:
 * our estimate of its definition. What it does is in the run's environment.
 */
const toolSchema = z.object({
  name: z.string().min(1),
  readOnly: z.boolean(),
  allowed: z.boolean().optional(),
  tokens: z.number().int().nonnegative(),
});
export type AgentTool = z.infer<typeof toolSchema>;

/** One seat on the council as the protocol sees it. `model` is for people only and never reaches an agent. */
export const agentSchema = z.object({
  id: z.string().min(1),
  model: z.string(),
  persona: z.string().optional(),
  /** Tokens of prompt and output together; absent where the engine does not tell. */
  contextTokens: positive.optional(),
  /** The rungs this model may stand on, best first. */
  rungs: z.array(rungSchema).min(1).readonly(),
  /** Whether the model was seen thinking before it answers, in an earlier run. */
  thinks: z.boolean().optional(),
  /** Whether it works with tools of its own before it answers, so that its drafts take their time. */
  works: z.boolean().optional(),
  /** What it can be sent besides text; absent: nothing. */
  accepts: acceptsSchema.optional(),
  tools: z.array(toolSchema).readonly().optional(),
});
export type Agent = z.infer<typeof agentSchema>;

const boundsSchema = z.object({
  answersPerAgent: positive.default(2),
  attemptsPerCall: positive.default(3),
  failuresPerAgent: positive.default(3),
  agentMs: positive.default(10 * 60_000),
  runMs: positive.default(30 * 60_000),
  runTokens: positive.default(200_000),
  /** Tokens of one answer's text; by default derived from the smallest context of the council. */
  answerTokens: positive.optional(),
  /** Calls of tools for one answer; then it has to be written. */
  toolCallsPerAnswer: positive.default(25),
  /** Milliseconds that one call of a tool may take. */
  toolMs: positive.default(60_000),
});
export type Bounds = z.infer<typeof boundsSchema>;

export const settingsSchema = z.object({
  strategy: z.enum(["consensus"]).default("consensus"),
  finalAnswer: z.enum(["winner_present", "winner_reuse", "synthesize"]).default("winner_present"),
  voting: z
    .object({ rule: z.enum(["plurality"]).default("plurality"), selfVotes: z.enum(["count", "discount", "exclude"]).default("count") })
    .prefault({}),
  bounds: boundsSchema.prefault({}),
  /** Sentences of `core/prompts/texts.ts` that this run words differently, by name. */
  prompts: z.record(z.string(), z.string()).default({}),
});
export type Settings = z.infer<typeof settingsSchema>;

/** What was said before this run's question. */
export const turnSchema = z.object({
  role: z.enum(["user", "assistant"]),
  text: z.string(),
  attachments: z.array(attachmentSchema).readonly().optional(),
});
export type Turn = z.infer<typeof turnSchema>;
