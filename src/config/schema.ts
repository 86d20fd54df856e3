import * as z from "zod";
import { type Bounds, type Settings, settingsSchema } from "../core/facts/settings.ts";
import { backendTypes } from "./backend-names.ts";
import { normalizeBaseUrl } from "./base-url.ts";
import { parseDuration } from "./duration.ts";
import { withoutUndefined } from "../core/without-undefined.ts";

/** Numbers may stand in quotes: that is what `${VARIABLE}` makes of them. */
function numeric<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(
    (value) => (typeof value === "string" && value.trim() !== "" && !Number.isNaN(Number(value)) ? Number(value) : value),
    schema,
  );
}

const booleanWords: Readonly<Record<string, boolean>> = { yes: true, on: true, true: true, no: false, off: false, false: false };

/** YAML 1.1 took `yes` and `on` for booleans; people still write them. */
const flag = z.preprocess((value) => (typeof value === "string" ? (booleanWords[value.toLowerCase()] ?? value) : value), z.boolean());

const positive = numeric(z.number().int().positive());

const duration = z.union([z.number(), z.string()]).transform((value, context) => {
  const ms = parseDuration(value);
  if (ms !== undefined) return ms;
  context.addIssue({ code: "custom", message: "must be a time above zero: seconds, or text such as 90s, 10m, 1h" });
  return z.NEVER;
});

/** As Ollama writes it. */
const FOR_EVER = -1;

/** @param root what follows the host where an address names no path */
export function baseUrlSchema(root?: string) {
  return z.string().transform((value, context) => {
    const url = normalizeBaseUrl(value, root);
    if (url.type === "url") return url.url;
    context.addIssue({ code: "custom", message: url.why });
    return z.NEVER;
  });
}

/** A backend as this version reads it. What a file holds beyond these keys goes into `extra_body` (`backend-section.ts`). */
export const backendSchema = z.object({
  type: z.enum(backendTypes),
  model: z.string().trim().min(1).optional(),
  base_url: baseUrlSchema().optional(),
  api_key: z.string().optional(),
  temperature: numeric(z.number().min(0)).optional(),
  top_p: numeric(z.number().min(0).max(1)).optional(),
  top_k: numeric(z.number().int().min(0)).optional(),
  max_tokens: positive.optional(),
  seed: numeric(z.number().int()).optional(),
  /** Tokens of prompt and output together. */
  context_length: positive.optional(),
  /** What the model can be sent besides text; by default what engine or catalogue tell. */
  accepts: z.preprocess((value) => (typeof value === "string" ? [value] : value), z.array(z.enum(["image", "pdf"]))).optional(),
  /** Calls that the engine takes at once. */
  parallel: positive.optional(),
  /** Whether a local engine that does not run may be started, a model loaded, a model fetched. Unsaid: the person at the prompt is asked. */
  autostart: flag.optional(),
  autoload: flag.optional(),
  autopull: flag.optional(),
  /** Idle time after which a local engine may take the model out of memory; `keep_alive` is Ollama's name for it. */
  ttl: duration.optional(),
  keep_alive: z.union([z.literal([-1, "-1"]).transform(() => FOR_EVER), duration]).optional(),
  /** Models that a local engine holds in memory at once. */
  max_loaded_models: positive.optional(),
  /** Of the embedded engine; never more than the machine has cores. */
  threads: positive.optional(),
  /** Tools that the provider itself runs; the two names for running code mean the same everywhere. */
  enable_web_search: flag.optional(),
  enable_code_execution: flag.optional(),
  enable_code_interpreter: flag.optional(),
  /** Fields of the request body, as they are. */
  extra_body: z.record(z.string(), z.unknown()).optional(),
});

/** `fields` are the backend's own, as its descriptor read them. */
export type BackendConfig = z.infer<typeof backendSchema> & { readonly fields?: Readonly<Record<string, unknown>> | undefined };

const CONTROL_CHARACTER = /\p{Cc}/u;

export const agentSchema = z.object({
  id: z
    .string()
    .trim()
    .min(1)
    .refine((id) => !CONTROL_CHARACTER.test(id), "must be one line of text"),
  system_message: z.string().optional(),
  backend: backendSchema,
});

/** An agent as configured. `place` says where: `council.yaml:3:5`. */
export interface AgentConfig extends z.infer<typeof agentSchema> {
  readonly backend: BackendConfig;
  readonly place?: string;
}

const displayType = z.enum(["rich_terminal", "terminal", "simple"]);

export const uiSchema = z.object({
  display_type: displayType.default("rich_terminal"),
  logging_enabled: flag.default(true),
  use_orchestrator_for_single_agent: flag.default(true),
});
export const uiKeys = Object.keys(uiSchema.shape);
export type UiConfig = z.infer<typeof uiSchema>;

/** What may stand at the top of a file. */
export const configKeys = ["agent", "agents", "attachments", "ui", "display", "orchestrator", "extends", "profiles"] as const;

const voting = settingsSchema.shape.voting.unwrap().shape;

export const votingSchema = z.object({ rule: voting.rule, self_votes: voting.selfVotes });

export const orchestratorSchema = z.object({
  strategy: settingsSchema.shape.strategy,
  timeout: duration.optional(),
  agent_timeout: duration.optional(),
  token_budget: positive.optional(),
  max_answers: positive.optional(),
  max_attempts: positive.optional(),
  max_failures: positive.optional(),
  answer_tokens: positive.optional(),
  /** Calls of tools for one answer, and how long each may take. */
  max_tool_calls: positive.optional(),
  tool_timeout: duration.optional(),
  final_answer_strategy: settingsSchema.shape.finalAnswer,
  voting: votingSchema.prefault({}),
  seed: numeric(z.number().int()).optional(),
  prompts: settingsSchema.shape.prompts,
});
export type OrchestratorConfig = z.infer<typeof orchestratorSchema>;

/** The section in the terms of the core, with its defaults. */
export function settingsOf(orchestrator: OrchestratorConfig): Settings {
  const bounds = withoutUndefined<Partial<Bounds>>({
    runMs: orchestrator.timeout,
    agentMs: orchestrator.agent_timeout,
    runTokens: orchestrator.token_budget,
    answersPerAgent: orchestrator.max_answers,
    attemptsPerCall: orchestrator.max_attempts,
    failuresPerAgent: orchestrator.max_failures,
    answerTokens: orchestrator.answer_tokens,
    toolCallsPerAnswer: orchestrator.max_tool_calls,
    toolMs: orchestrator.tool_timeout,
  });
  return settingsSchema.parse({
    strategy: orchestrator.strategy,
    finalAnswer: orchestrator.final_answer_strategy,
    voting: { rule: orchestrator.voting.rule, selfVotes: orchestrator.voting.self_votes },
    bounds: bounds,
    prompts: orchestrator.prompts,
  });
}
