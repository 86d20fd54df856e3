import type { Attachment } from "./facts/attachment.ts";
import { LOG_VERSION, type RunStarted } from "./facts/run.ts";
import { type Agent, type Settings, settingsSchema, type Turn } from "./facts/settings.ts";
import { shuffledLabels } from "./labels.ts";
import type * as z from "zod";

/** What a run starts from. Everything that is chance or time comes in as data. */
export interface RunInput {
  readonly runId: string;
  readonly question: string;
  readonly attachments?: readonly Attachment[];
  readonly history?: readonly Turn[];
  readonly agents: readonly Agent[];
  readonly settings?: z.input<typeof settingsSchema>;
  /** A 32-bit integer. */
  readonly seed: number;
  /** `YYYY-MM-DD` */
  readonly date: string;
  readonly setup?: Readonly<Record<string, unknown>>;
}

/** The first fact of a run. Throws a `ZodError` for settings out of bounds. */
export function runStarted(input: RunInput): RunStarted {
  const settings: Settings = settingsSchema.parse(input.settings ?? {});
  return {
    type: "run-started",
    version: LOG_VERSION,
    runId: input.runId,
    question: input.question,
    ...(input.attachments === undefined || input.attachments.length === 0 ? {} : { attachments: input.attachments }),
    history: input.history ?? [],
    agents: input.agents,
    settings,
    seed: input.seed,
    labels: shuffledLabels(input.agents.length, input.seed),
    date: input.date,
    ...(input.setup === undefined ? {} : { setup: { ...input.setup } }),
  };
}
