import * as z from "zod";
import { rungSchema } from "../../core/facts/settings.ts";

/** How a ballot went: over how many attempts and on which rung it came, or why it did not. */
const triedBallotSchema = z.object({
  /** The rungs it could be asked on. */
  rungs: z.array(rungSchema).min(1).readonly(),
  /** Where a valid one came back; absent where none did. */
  rung: rungSchema.optional(),
  attempts: z.number().int().nonnegative(),
  /** Whether the model thought before the ballot that counted. */
  thought: z.boolean(),
  why: z.string().optional(),
});
export type TriedBallot = z.infer<typeof triedBallotSchema>;

/** What came of trying one model on one engine: a row of docs/models.md. */
export const trialSchema = z.object({
  model: z.string(),
  engine: z.string(),
  /** `real`: its own weights; `template`: its chat template over the weights of another model; `fake`: a server that plays it. */
  how: z.enum(["real", "template", "fake"]),
  /** `YYYY-MM-DD` */
  date: z.string(),
  /** Kinds of prompts that were rendered, and those the engine refused. */
  prompts: z.number().int().nonnegative(),
  refused: z.array(z.object({ kind: z.string(), why: z.string() })).readonly(),
  /** On rungs alone, as far as that was tried. */
  ballots: z.array(triedBallotSchema).readonly(),
  /** As a council asks: the best rung first, a lower one where that gives nothing. */
  chosen: triedBallotSchema,
  /** In a draft: told apart from the answer, left in its text, or not seen. */
  reasoning: z.enum(["apart", "in-text", "none"]),
  /** What keeps it from thinking before a ballot, as fields of a request. */
  thinkingOff: z.record(z.string(), z.unknown()).optional(),
  /** Why a draft of a few tokens could not be had. */
  draftFailed: z.string().optional(),
  /** Tokens a second. */
  promptPerSecond: z.number().positive().optional(),
  tokensPerSecond: z.number().positive().optional(),
});
export type Trial = z.infer<typeof trialSchema>;
