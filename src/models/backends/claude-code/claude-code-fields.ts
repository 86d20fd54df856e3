import * as z from "zod";

/** Numbers may stand in quotes. */
const count = z.coerce.number().int();

/** What only the backend `claude_code` knows. */
export const claudeCodeFields = z.object({
  /** The project folder, relative to where massgen is started; made when it is not there. */
  cwd: z.string().trim().min(1).optional(),
  /** Replaces Claude Code's own instructions. */
  system_prompt: z.string().optional(),
  /** Comes after everything else that it is told. */
  append_system_prompt: z.string().optional(),
  /** Tools it may use, also with rules: `Bash(git *)`. */
  allowed_tools: z.array(z.string().trim().min(1)).optional(),
  disallowed_tools: z.array(z.string().trim().min(1)).optional(),
  /** Requests of one call at most; a tool takes one. */
  max_turns: count.positive().optional(),
  max_thinking_tokens: count.min(0).optional(),
  permission_mode: z.enum(["default", "acceptEdits", "bypassPermissions", "plan", "dontAsk", "auto"]).optional(),
});

export type ClaudeCodeFields = z.infer<typeof claudeCodeFields>;
