import * as z from "zod";
import {
  agentAbstainedSchema,
  agentOutSchema,
  answerSubmittedSchema,
  authorJoinedSchema,
  improvementChosenSchema,
  replyRefusedSchema,
  roundOpenedSchema,
  tallyTakenSchema,
  voteCastSchema,
} from "./facts/coordination.ts";
import {
  callCancelledSchema,
  callRequestedSchema,
  callSettledSchema,
  callStartedSchema,
  timerRequestedSchema,
  timerSettledSchema,
  toolRequestedSchema,
  toolSettledSchema,
} from "./facts/effects.ts";
import { noticeSchema, runEndedSchema, runResumedSchema, runStartedSchema, userStoppedSchema } from "./facts/run.ts";

/** Everything that can be true of a run. A run is a list of these and nothing else. */
export const factSchema = z.discriminatedUnion("type", [
  runStartedSchema,
  runResumedSchema,
  callRequestedSchema,
  callStartedSchema,
  callCancelledSchema,
  callSettledSchema,
  toolRequestedSchema,
  toolSettledSchema,
  timerRequestedSchema,
  timerSettledSchema,
  answerSubmittedSchema,
  authorJoinedSchema,
  improvementChosenSchema,
  voteCastSchema,
  replyRefusedSchema,
  agentAbstainedSchema,
  agentOutSchema,
  roundOpenedSchema,
  tallyTakenSchema,
  userStoppedSchema,
  noticeSchema,
  runEndedSchema,
]);
export type Fact = z.infer<typeof factSchema>;
export type FactOf<Type extends Fact["type"]> = Extract<Fact, { type: Type }>;

const stampSchema = z.object({
  /** Counts from 1 within a run; `(runId, seq)` is the only identity. */
  seq: z.number().int().positive(),
  /** Milliseconds since the epoch. */
  at: z.number(),
  /** The `seq` this follows from: a settlement names its request. */
  cause: z.number().int().positive().optional(),
});

/** A fact with its place in the log. */
export const runEventSchema = factSchema.and(stampSchema);
export type RunEvent = Fact & z.infer<typeof stampSchema>;
