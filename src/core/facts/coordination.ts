import * as z from "zod";
import { answerRefSchema, purposeSchema } from "./effects.ts";
import { failureSchema } from "./outcome.ts";

const label = z.string();
const agent = z.string();
const callId = z.string();

/** A new answer or a new version of one. `tokens` is what the text measures for a reader (reported or estimated). */
export const answerSubmittedSchema = z.object({
  type: z.literal("answer-submitted"),
  callId,
  label,
  version: z.number().int().positive(),
  authors: z.array(agent).min(1).readonly(),
  origin: z.enum(["draft", "improvement"]),
  text: z.string(),
  tokens: z.number().int().nonnegative(),
  truncated: z.boolean(),
});

/** An agent wrote what stands already: it becomes one more author of that answer. */
export const authorJoinedSchema = z.object({ type: z.literal("author-joined"), callId, agent, label });

export const improvementChosenSchema = z.object({ type: z.literal("improvement-chosen"), callId, agent, reason: z.string() });

/** A valid choice. It counts while `choice` is current and `snapshot` holds every current answer. */
export const voteCastSchema = z.object({
  type: z.literal("vote-cast"),
  callId,
  agent,
  choice: answerRefSchema,
  snapshot: z.array(answerRefSchema).readonly(),
  reason: z.string(),
});

/** A reply that could not be used. What the agent is told about it is worded in `core/prompts/`. */
export const replyRefusedSchema = z.object({
  type: z.literal("reply-refused"),
  callId,
  agent,
  why: z.enum(["no-choice", "several-choices", "unknown-label", "may-not-improve", "empty-answer", "unknown-tool"]),
});

/** The agent gave up (or was given up on) in this kind of call; it stays on the council. */
export const agentAbstainedSchema = z.object({
  type: z.literal("agent-abstained"),
  agent,
  from: purposeSchema,
  callId,
  why: z.string(),
});

export const lossSchema = z.object({ agent, why: z.string(), failure: failureSchema.optional() });
export type Loss = z.infer<typeof lossSchema>;

/** The agent is asked nothing any more; what it gave so far stands. */
export const agentOutSchema = z.object({ type: z.literal("agent-out"), ...lossSchema.shape });

/** Judging (again) over exactly these answers. `overdue` names the agents whose drafts are not waited for. */
export const roundOpenedSchema = z.object({
  type: z.literal("round-opened"),
  round: z.number().int().positive(),
  snapshot: z.array(answerRefSchema).readonly(),
  overdue: z.array(agent).readonly(),
});

const standingSchema = z.object({
  ...answerRefSchema.shape,
  authors: z.array(agent).readonly(),
  votes: z.number().nonnegative(),
});
export type Standing = z.infer<typeof standingSchema>;

const ballotSchema = z.object({ agent, callId, choice: answerRefSchema, reason: z.string(), weight: z.number().nonnegative() });
export type Ballot = z.infer<typeof ballotSchema>;

/** The count with the ballots that made it. `standings` is in rank order, the winner first; `how` says why no vote was needed, if none was. */
export const tallySchema = z.object({
  rule: z.enum(["plurality"]),
  how: z.enum(["voted", "decided-early", "unopposed", "no-votes"]),
  standings: z.array(standingSchema).min(1).readonly(),
  ballots: z.array(ballotSchema).readonly(),
  abstained: z.array(z.object({ agent, why: z.string() })).readonly(),
  tie: z.boolean(),
  winner: agent,
});
export type Tally = z.infer<typeof tallySchema>;

export const tallyTakenSchema = z.object({ type: z.literal("tally-taken"), ...tallySchema.shape });
