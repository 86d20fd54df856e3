/** Settings that a variable or a flag may hold, by the name of the flag. */
export const outsideSettings: Readonly<Record<string, readonly [section: string, key: string]>> = {
  timeout: ["orchestrator", "timeout"],
  "token-budget": ["orchestrator", "token_budget"],
  "max-answers": ["orchestrator", "max_answers"],
  seed: ["orchestrator", "seed"],
  "final-answer-strategy": ["orchestrator", "final_answer_strategy"],
};

/** `MASSGEN_TOKEN_BUDGET` of `token-budget`. */
export function variableOf(flag: string): string {
  return `MASSGEN_${flag.toUpperCase().replaceAll("-", "_")}`;
}
