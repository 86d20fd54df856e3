import * as z from "zod";
import { attachmentSchema } from "./attachment.ts";
import { lossSchema, tallySchema } from "./coordination.ts";
import { usageSchema } from "./outcome.ts";
import { agentSchema, settingsSchema, turnSchema } from "./settings.ts";

/** The version of this shape. Additive changes leave it; a breaking one raises it and brings an upcaster (`log/upcast.ts`). */
export const LOG_VERSION = 1;

export const runStartedSchema = z.object({
  type: z.literal("run-started"),
  version: z.literal(LOG_VERSION),
  runId: z.string(),
  question: z.string(),
  /** The files that go with the question. */
  attachments: z.array(attachmentSchema).readonly().optional(),
  history: z.array(turnSchema).readonly(),
  agents: z.array(agentSchema).min(1).readonly(),
  settings: settingsSchema,
  /** Labels and jitter derive from it. */
  seed: z.number().int(),
  /** One a seat, already shuffled; an answer takes the next free one. */
  labels: z.array(z.string()).readonly(),
  /** The day it is for the agents, `YYYY-MM-DD`. */
  date: z.string(),
  /** What it takes to build the same council again, without secrets; opaque to the core. */
  setup: z.record(z.string(), z.unknown()).optional(),
});
export type RunStarted = z.infer<typeof runStartedSchema>;

/** Another process goes on with the run: the clocks start anew from here. */
export const runResumedSchema = z.object({ type: z.literal("run-resumed") });

export const userStoppedSchema = z.object({ type: z.literal("user-stopped") });

/**
 * Something a person should know that changes nothing. `about` is what is told once only: that earlier messages are left out of prompts,
 * that the engine of `agent` loses parts of them, or that it refuses tools and is offered none any more.
 */
export const noticeSchema = z.object({
  type: z.literal("notice"),
  level: z.enum(["info", "warning"]),
  text: z.string(),
  about: z.enum(["left-out", "lost", "tools"]).optional(),
  agent: z.string().optional(),
});

/** `consensus`: the council judged; the rest says what cut it short. */
const endingSchema = z.enum(["consensus", "single", "out-of-time", "out-of-tokens", "stopped", "failed"]);
export type Ending = z.infer<typeof endingSchema>;

const degradedSchema = z.object({ lost: z.array(lossSchema).readonly(), of: z.number().int().positive() });

/** The last fact of a run. `degraded` is null for a whole council; `winner` wrote the winning answer, `presenter` worded the result. */
export const runEndedSchema = z.object({
  type: z.literal("run-ended"),
  outcome: endingSchema,
  answer: z.string().nullable(),
  truncated: z.boolean(),
  winner: z.string().nullable(),
  presenter: z.string().nullable(),
  tally: tallySchema.nullable(),
  degraded: degradedSchema.nullable(),
  usage: usageSchema,
  /** Milliseconds in which a process was running the run. */
  elapsedMs: z.number().nonnegative(),
  calls: z.number().int().nonnegative(),
});
export type RunEnded = z.infer<typeof runEndedSchema>;
