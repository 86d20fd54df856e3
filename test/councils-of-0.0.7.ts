/** An agent as a file of MassGen 0.0.7 means it. A persona is told by how it begins. */
export interface MeantAgent {
  readonly id: string;
  readonly type: string;
  readonly model?: string;
  readonly persona?: string;
  /** All else that stands in its backend. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

const search = { enable_web_search: true } as const;
const code = { enable_code_execution: true } as const;
const gpt = (verbosity: string, effort: string, summary = true) => ({
  text: { verbosity },
  reasoning: { effort, ...(summary && { summary: "auto" }) },
  enable_web_search: true,
  enable_code_interpreter: true,
});
const cerebras = { base_url: "https://api.cerebras.ai/v1" } as const;
const zhipu = { base_url: "https://api.z.ai/api/paas/v4" } as const;
const flash = (id: string, fields: object = search): MeantAgent => ({
  id,
  type: "gemini",
  model: "gemini-2.5-flash",
  fields: { ...fields },
});
const haiku = (id: string): MeantAgent => ({ id, type: "claude", model: "claude-3-5-haiku-20241022", fields: { ...search, ...code } });
const nano = (id: string, fields: object = gpt("medium", "medium"), persona?: string): MeantAgent => ({
  id,
  type: "openai",
  model: "gpt-5-nano",
  fields: { ...fields },
  ...(persona !== undefined && { persona }),
});
const grok = (id: string, fields: object, persona?: string): MeantAgent => ({
  id,
  type: "grok",
  model: "grok-3-mini",
  fields: { ...fields },
  ...(persona !== undefined && { persona }),
});
const oss = (id: string): MeantAgent => ({ id, type: "chatcompletion", model: "gpt-oss-120b", fields: cerebras });
const qwen = (persona?: string): MeantAgent => ({
  id: "Qwen3-4b",
  type: "lmstudio",
  model: "qwen/qwen3-4b-2507",
  ...(persona !== undefined && { persona }),
});
const gpt4o: MeantAgent = { id: "gpt-4o", type: "openai", model: "gpt-4o", fields: { ...search, enable_code_interpreter: true } };
const glm = (id: string, model: string, fields: object, persona?: string): MeantAgent => ({
  id,
  type: "zai",
  model,
  fields: { ...zhipu, ...fields },
  ...(persona !== undefined && { persona }),
});
const warm = { temperature: 0.95, top_p: 0.7 } as const;
const claudeCode: MeantAgent = { id: "claude_code_agent", type: "claude_code", fields: { cwd: "claude_code_workspace" } };

/** The councils of the 27 files, by the names of the files; written down from their description, not from what the code makes of them. */
export const councils: Readonly<Record<string, readonly MeantAgent[]>> = {
  "claude_code_flash2.5": [claudeCode, flash("gemini-2.5-flash", { ...search, ...code })],
  "claude_code_flash2.5_gptoss": [claudeCode, flash("gemini-2.5-flash", { ...search, ...code }), oss("gpt-oss-120b")],
  claude_code_single: [claudeCode],
  creative_team: [
    nano("storyteller", gpt("high", "high"), "You are a creative storyteller"),
    nano("editor", gpt("medium", "medium"), "You are a skilled editor"),
    grok("critic", { temperature: 0.8, max_tokens: 3000 }, "You are a literary critic"),
  ],
  gemini_4o_claude: [flash("gemini2.5flash"), gpt4o, haiku("claude-3-5-haiku")],
  gemini_gpt5nano_claude: [flash("gemini2.5flash"), nano("gpt-5-nano"), haiku("claude-3-5-haiku")],
  geminicode_4o_claude: [flash("gemini2.5flash", { ...search, ...code }), gpt4o, haiku("claude-3-5-haiku")],
  geminicode_gpt5nano_claude: [flash("gemini2.5flash", { ...search, ...code }), nano("gpt-5-nano"), haiku("claude-3-5-haiku")],
  glm_gemini_claude: [glm("glm-4.5", "glm-4.5", {}), flash("gemini-2.5-flash"), haiku("claude-3.5-haiku")],
  gpt5: [
    { id: "gpt-5", type: "openai", model: "gpt-5", fields: gpt("medium", "high") },
    { id: "gpt-5-mini", type: "openai", model: "gpt-5-mini", fields: gpt("medium", "medium") },
    nano("gpt-5-nano", gpt("medium", "low")),
  ],
  gpt5_nano: [
    nano("gpt-5-nano-1", gpt("medium", "low")),
    nano("gpt-5-nano-2", gpt("medium", "medium")),
    nano("gpt-5-nano-3", gpt("medium", "high")),
  ],
  gpt5nano_glm_qwen: [oss("gpt-oss-1"), glm("zai_glm45_agent", "glm-4.5-air", { temperature: 0.7, top_p: 0.7 }), qwen()],
  lmstudio: [qwen("You are a helpful AI assistant running against a local LM Studio server.")],
  news_analysis: [
    nano("news_gatherer", gpt("medium", "medium"), "You are a news researcher"),
    grok("trend_analyst", { temperature: 0.4, max_tokens: 2500 }, "You are a trend analyst"),
    nano("news_synthesizer", gpt("medium", "medium"), "You are a news editor"),
  ],
  research_team: [
    grok("information_gatherer", search, "You are an information gathering specialist"),
    nano("domain_expert", gpt("medium", "medium"), "You are a domain expert"),
    nano("synthesizer", gpt("medium", "medium"), "You are a synthesis specialist"),
  ],
  single_agent: [{ ...flash("gemini_agent"), persona: "You are a helpful assistant" }],
  "single_flash2.5": [flash("gemini_agent")],
  single_gpt5nano: [nano("gpt-5-nano", gpt("medium", "medium", false))],
  single_gptoss120b: [oss("gpt-oss-120b")],
  technical_analysis: [
    nano("technical_researcher", gpt("medium", "medium"), "You are a technical researcher"),
    grok("cost_analyst", { temperature: 0.2, max_tokens: 3000 }, "You are a cost analyst"),
    nano("technical_advisor", gpt("medium", "medium"), "You are a technical advisor"),
  ],
  three_agents_default: [flash("gemini2.5flash"), nano("gpt5nano"), grok("grok3mini", search)],
  three_agents_opensource: [
    oss("gpt-oss-1"),
    { id: "qwen", type: "chatcompletion", model: "Qwen/Qwen3-4B-fast", fields: { base_url: "https://api.studio.nebius.ai/v1" } },
    {
      id: "gpt-oss-2",
      type: "chatcompletion",
      model: "accounts/fireworks/models/gpt-oss-20b",
      fields: { base_url: "https://api.fireworks.ai/inference/v1" },
    },
  ],
  travel_planning: [
    nano("travel_researcher", gpt("medium", "medium"), "You are a travel researcher"),
    grok("local_expert", { temperature: 0.6, max_tokens: 3000 }, "You are a local travel expert"),
    nano("travel_planner", gpt("medium", "medium"), "You are a travel planner"),
  ],
  two_agents_gpt5: [
    { id: "primary_agent", type: "openai", model: "gpt-5", fields: gpt("high", "high"), persona: "You are a knowledgeable primary agent" },
    nano("secondary_agent", gpt("medium", "medium"), "You are a secondary agent"),
  ],
  two_agents_opensource_lmstudio: [
    { id: "GPT-5", type: "openai", model: "gpt-5", fields: gpt("high", "medium"), persona: "You are a knowledgeable primary agent" },
    qwen(),
  ],
  zai_coding_team: [
    glm("architecture_glm45", "glm-4.5", warm, "You are a Senior Software Architect"),
    glm("implementation_glm45", "glm-4.5", warm, "You are an Implementation & Refactoring Engineer"),
    glm("review_glm45_air", "glm-4.5-air", warm, "You are a Reviewer & Test Engineer"),
    glm("perf_reliability_glm45_air", "glm-4.5-air", warm, "You are a Performance & Reliability Engineer"),
  ],
  zai_glm45: [glm("zai_glm45_agent", "glm-4.5", warm)],
};
