import * as z from "zod";
import { type Bounds, type Settings, settingsSchema } from "../core/facts/settings.ts";
import { backendTypes } from "./backend-names.ts";
import { about, duration, flag, numeric, positive } from "./field-schemas.ts";
import { type McpServerConfig, mcpServersSchema } from "./mcp-section.ts";
import { withoutUndefined } from "../core/without-undefined.ts";

/** As Ollama writes it. */
const FOR_EVER = -1;

/**
 * A backend as this version reads it. What a file holds beyond these keys goes into `extra_body` (`backend-section.ts`). The descriptions are
 * those of the published schema, of `massgen config explain` and of docs/configuration-reference.md; `usual` words a default there.
 */
export const backendSchema = z.object({
  type: z
    .enum(backendTypes)
    .meta(about("Which backend is meant; capitals and hyphens do not matter.", { usual: "told by base_url or model where it can be" })),
  model: z
    .string()
    .trim()
    .min(1)
    .optional()
    .meta(
      about("The model's name; for embedded a name of the catalogue or a GGUF file, for local a family.", {
        usual: "that of the backend, or the one the server has",
      }),
    ),
  /** As it is written; `backend-section.ts` makes a root of it, which is another for each backend. */
  base_url: z
    .string()
    .optional()
    .meta(about("The server's address. The key goes to its host and nowhere else.", { usual: "that of the type" })),
  api_key: z
    .string()
    .optional()
    .meta(about("The server's key; better ${MY_KEY} than the key itself.", { usual: "the variable that belongs to exactly that host" })),
  temperature: numeric(z.number().min(0))
    .optional()
    .meta(about("How much chance there is in what is written.", { usual: "the server's" })),
  top_p: numeric(z.number().min(0).max(1))
    .optional()
    .meta(about("The share of likely words that is chosen from.", { usual: "the server's" })),
  top_k: numeric(z.number().int().min(0))
    .optional()
    .meta(about("The number of likely words that is chosen from.", { usual: "the server's" })),
  max_tokens: positive
    .optional()
    .meta(about("The most tokens one reply may have.", { usual: "derived from the smallest context of the council" })),
  seed: numeric(z.number().int())
    .optional()
    .meta(about("What the server's chance derives from, where it takes one.", { usual: "none; several agents of one local model differ" })),
  context_length: positive
    .optional()
    .meta(
      about("Tokens of prompt and output together.", { usual: "what the server or the catalogue says; ollama: 8192 or what is loaded" }),
    ),
  accepts: z
    .preprocess((value) => (typeof value === "string" ? [value] : value), z.array(z.enum(["image", "pdf"])))
    .optional()
    .meta(about("What the model can be sent besides text.", { usual: "what engine or catalogue tell" })),
  parallel: positive.optional().meta(about("Calls that the server takes at once.", { usual: "what the server says" })),
  autostart: flag
    .optional()
    .meta(
      about("Whether a local engine that does not run may be started.", { usual: "the person at the terminal is asked; in scripts no" }),
    ),
  autoload: flag
    .optional()
    .meta(
      about("Whether the model may be loaded before it is used; false refuses one that is not in memory.", { usual: "as for autostart" }),
    ),
  autopull: flag.optional().meta(about("Whether a model that is not there may be fetched.", { usual: "as for autostart" })),
  ttl: duration
    .optional()
    .meta(
      about("Idle time after which a local engine may take the model out of memory: seconds, or 90s, 30m, 1h.", { usual: "the engine's" }),
    ),
  keep_alive: z
    .union([z.literal([-1, "-1"]).transform(() => FOR_EVER), duration])
    .optional()
    .meta(about("The same as ttl under Ollama's name; -1 is for ever.", { usual: "the engine's" })),
  max_loaded_models: positive
    .optional()
    .meta(about("Models that a local engine holds in memory at once; more take turns.", { usual: "what is known of it, else arithmetic" })),
  threads: positive.optional().meta(about("Threads of the embedded engine.", { usual: "one less than there are cores" })),
  enable_web_search: flag
    .optional()
    .meta(about("Whether the model may use the web search that its provider runs.", { usual: "no; of claude_code yes" })),
  enable_code_execution: flag
    .optional()
    .meta(about("Whether the model may run code at its provider.", { usual: "no; of claude_code yes" })),
  enable_code_interpreter: flag.optional().meta(about("The same as enable_code_execution.", { usual: "no; of claude_code yes" })),
  extra_body: z
    .record(z.string(), z.unknown())
    .optional()
    .meta(about("Fields of the request's body, as they are. Unknown keys of a backend are such fields, too.", { usual: "none" })),
});

/** `fields` are the backend's own, as its descriptor read them. */
export type BackendConfig = z.infer<typeof backendSchema> & { readonly fields?: Readonly<Record<string, unknown>> | undefined };

const CONTROL_CHARACTER = /\p{Cc}/u;

export const agentSchema = z.object({
  id: z
    .string()
    .trim()
    .min(1)
    .refine((id) => !CONTROL_CHARACTER.test(id), "must be one line of text")
    .meta(about("Its name for people; agents know each other by letters only.", { usual: "agent1, agent2, …; in a mapping its key" })),
  system_message: z
    .string()
    .optional()
    .meta(about("Its persona: part of every prompt of this agent.", { usual: "none" })),
  mcp_servers: mcpServersSchema
    .optional()
    .meta(
      about("MCP servers whose tools it may use, as a list or by name; also inside backend, and at the top for all.", { usual: "none" }),
    ),
  backend: backendSchema.meta(about("Where its model is.")),
});

/** An agent as configured. `place` says where: `council.yaml:3:5`. */
export interface AgentConfig extends Omit<z.infer<typeof agentSchema>, "mcp_servers"> {
  readonly backend: BackendConfig;
  /** All of them, from wherever they were named. */
  readonly mcp_servers?: readonly McpServerConfig[] | undefined;
  readonly place?: string;
}

const displayType = z.enum(["rich_terminal", "terminal", "simple"]);

export const uiSchema = z.object({
  display_type: displayType.default("rich_terminal").meta(about("How a run is shown; type is the same.")),
  logging_enabled: flag.default(true).meta(about("Whether runs are kept on disk.", { usual: "yes" })),
  use_orchestrator_for_single_agent: flag
    .default(true)
    .meta(about("Whether a single agent is asked as a council of one; false talks to it directly.", { usual: "yes" })),
});
export const uiKeys = Object.keys(uiSchema.shape);
export type UiConfig = z.infer<typeof uiSchema>;

/** What may stand at the top of a file. */
export const configKeys = [
  "agent",
  "agents",
  "attachments",
  "ui",
  "display",
  "orchestrator",
  "mcp_servers",
  "extends",
  "profiles",
] as const;

const voting = settingsSchema.shape.voting.unwrap().shape;

export const votingSchema = z.object({
  rule: voting.rule.meta(about("How the votes are counted.")),
  self_votes: voting.selfVotes.meta(about("What a vote for one's own answer counts: as any other, half, or nothing.")),
});

const { bounds } = settingsSchema.parse({});
const minutes = (ms: number): string => `${ms / 60_000}m`;

export const orchestratorSchema = z.object({
  strategy: settingsSchema.shape.strategy.meta(about("How the council decides.")),
  timeout: duration.optional().meta(about("Time of the whole run: seconds, or 90s, 10m, 1h.", { usual: minutes(bounds.runMs) })),
  agent_timeout: duration.optional().meta(about("Time of one agent's calls together.", { usual: minutes(bounds.agentMs) })),
  token_budget: positive.optional().meta(about("Tokens of the run, prompts included.", { usual: String(bounds.runTokens) })),
  max_answers: positive
    .optional()
    .meta(about("Answers an agent may give; max_new_answers_per_agent is the same.", { usual: String(bounds.answersPerAgent) })),
  max_attempts: positive.optional().meta(about("Attempts at one call.", { usual: String(bounds.attemptsPerCall) })),
  max_failures: positive.optional().meta(about("Failed calls until an agent is out.", { usual: String(bounds.failuresPerAgent) })),
  answer_tokens: positive.optional().meta(about("Tokens of one answer.", { usual: "the smallest context / (agents + 2), at most 16384" })),
  max_tool_calls: positive.optional().meta(about("Calls of tools for one answer.", { usual: String(bounds.toolCallsPerAnswer) })),
  tool_timeout: duration.optional().meta(about("How long one call of a tool may take.", { usual: `${bounds.toolMs / 1_000}s` })),
  final_answer_strategy: settingsSchema.shape.finalAnswer.meta(
    about(
      "winner_present: the winner words the result; winner_reuse: its answer is the result; synthesize: the winner merges all answers.",
    ),
  ),
  voting: votingSchema.prefault({}).meta(about("How votes count.")),
  seed: numeric(z.number().int())
    .optional()
    .meta(about("What is left to chance derives from it.", { usual: "random" })),
  prompts: settingsSchema.shape.prompts.meta(
    about("Sentences for the models, by the names they have in src/core/prompts/texts.ts.", { usual: "ours" }),
  ),
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
