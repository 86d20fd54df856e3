import * as z from "zod";

/** Numbers may stand in quotes. */
const count = z.coerce.number().int();
const tools = z.array(z.string().trim().min(1)).optional();

/** What only the backend `claude_code` knows. */
export const claudeCodeFields = z.object({
  cwd: z.string().trim().min(1).optional().describe("The project folder, relative to where massgen is started; made when it is not there."),
  system_prompt: z.string().optional().describe("Replaces Claude Code's own instructions."),
  append_system_prompt: z.string().optional().describe("Comes after everything else that it is told."),
  allowed_tools: tools.describe("Tools it may use, also with rules: Bash(git *)."),
  disallowed_tools: tools.describe("Tools it may not use, also with rules."),
  max_turns: count.positive().optional().describe("Requests of one call at most; a tool takes one."),
  max_thinking_tokens: count.min(0).optional().describe("How much it may think."),
  permission_mode: z
    .enum(["default", "acceptEdits", "bypassPermissions", "plan", "dontAsk", "auto"])
    .optional()
    .describe("What it may do without being asked, as Claude Code names it."),
});

export type ClaudeCodeFields = z.infer<typeof claudeCodeFields>;
