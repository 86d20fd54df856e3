import { durationText } from "./duration.ts";
import { hidden } from "./hidden.ts";
import type { Config } from "./load-config.ts";

/** A config as it may be shown: what it comes to, without secrets. */
export interface ShownConfig {
  readonly agents: readonly Readonly<Record<string, unknown>>[];
  readonly orchestrator: Readonly<Record<string, unknown>>;
  readonly ui: Readonly<Record<string, unknown>>;
  readonly attachments?: readonly string[];
}

export function shownConfig({ agents, settings, seed, ui, attachments, secrets }: Config): ShownConfig {
  const { bounds, voting, strategy, finalAnswer, prompts } = settings;
  const shown = {
    agents: agents.map(({ place: _place, id, backend: { fields, api_key: key, ...backend }, ...agent }) => ({
      id,
      type: backend.type,
      model: backend.model ?? null,
      system_message: agent.system_message ?? null,
      ...agent,
      backend: { ...backend, ...fields, ...(key !== undefined && { api_key: key }) },
    })),
    orchestrator: {
      strategy,
      timeout: durationText(bounds.runMs),
      agent_timeout: durationText(bounds.agentMs),
      token_budget: bounds.runTokens,
      max_answers: bounds.answersPerAgent,
      max_attempts: bounds.attemptsPerCall,
      max_failures: bounds.failuresPerAgent,
      ...(bounds.answerTokens !== undefined && { answer_tokens: bounds.answerTokens }),
      max_tool_calls: bounds.toolCallsPerAnswer,
      tool_timeout: durationText(bounds.toolMs),
      final_answer_strategy: finalAnswer,
      voting: { rule: voting.rule, self_votes: voting.selfVotes },
      ...(seed !== undefined && { seed }),
      ...(Object.keys(prompts).length > 0 && { prompts }),
    },
    ui,
    ...(attachments !== undefined && { attachments: attachments.map(({ path }) => path) }),
  };
  return hidden(shown, secrets) as ShownConfig;
}
