import type { Capabilities, OwnTools } from "../backend.ts";

/** Claude Code as configs, keys and docs know it. It is a program of its own, so it is made by `createClaudeCode` and not as clouds are. */
export const claudeCode = {
  type: "claude_code",
  title: "Claude Code",
  maker: "Anthropic",
  /** Without `/v1`, as the program wants it. */
  baseUrl: "https://api.anthropic.com",
  root: "",
  addressVariable: "ANTHROPIC_BASE_URL",
  variables: ["ANTHROPIC_API_KEY"],
  /** The program's own, which the config allows or forbids by name. */
  ownTools: {
    search: { type: "provider", id: "claude-code.web_search", name: "WebSearch", args: {} },
    code: { type: "provider", id: "claude-code.bash", name: "Bash", args: {} },
  } satisfies OwnTools,
  capabilities: { ballots: "native", reasoning: true, images: false, files: false, tools: true, mixesTools: true } satisfies Capabilities,
} as const;
