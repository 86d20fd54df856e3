import { resolve } from "node:path";
import { MassgenError } from "../core/errors.ts";
import { withoutUndefined } from "../core/without-undefined.ts";
import { claudeCode } from "../models/backends/claude-code/claude-code.ts";
import type { ClaudeCodeFields } from "../models/backends/claude-code/claude-code-fields.ts";
import { type ClaudeCodeOptions, createClaudeCode } from "../models/backends/claude-code/create-claude-code.ts";
import { isClaudeCodeThere } from "../models/backends/claude-code/find-claude-code.ts";
import { experienceKey } from "../models/experience-store.ts";
import { type BuiltSeat, nameOf, seatOf, type Surroundings } from "./council.ts";
import type { Finding } from "./doctor/check.ts";
import { findKey, secretsAmong } from "./keys.ts";
import { placeOf } from "./place-of.ts";
import type { AgentConfig, BackendConfig } from "./schema.ts";

/**
 * Seats an agent that is the Claude Code program. Nothing is started or asked. Throws `MassgenError`: `engine-missing` where it is not
 * installed, `config` where another host than Anthropic's has no key.
 */
export async function claudeCodeSeat(agent: AgentConfig, { environment, experience, folders }: Surroundings): Promise<BuiltSeat> {
  const { backend } = agent;
  const fields = (backend.fields ?? {}) as ClaudeCodeFields;
  const { key, baseUrl, isOwnLogin, warning } = keyOf(agent, environment);
  const cwd = resolve(fields.cwd ?? ".");
  const model = await createClaudeCode({
    ...withoutUndefined<Partial<Omit<ClaudeCodeOptions, Fixed>>>({
      model: backend.model,
      apiKey: key,
      baseUrl: isOwnLogin || baseUrl === claudeCode.baseUrl ? undefined : baseUrl,
      systemPrompt: fields.system_prompt,
      appendSystemPrompt: fields.append_system_prompt,
      allowedTools: fields.allowed_tools,
      disallowedTools: fields.disallowed_tools,
      maxTurns: fields.max_turns,
      maxThinkingTokens: fields.max_thinking_tokens,
      permissionMode: fields.permission_mode,
      maxOutputTokens: backend.max_tokens,
      contextTokens: backend.context_length,
    }),
    cwd,
    environment,
    workspaces: folders.workspaces,
    withoutWeb: backend.enable_web_search === false,
    withoutCode: backend.enable_code_execution === false || backend.enable_code_interpreter === false,
    further: optionsNamed(backend.extra_body ?? {}),
    experience: experience(experienceKey(claudeCode.type, new URL(baseUrl).origin, backend.model ?? "default")),
  });
  return {
    seat: seatOf(agent, model),
    backend: { ...backend, base_url: baseUrl, fields: { ...fields, cwd } },
    secrets: secretsAmong([key, isOwnLogin ? environment["CLAUDE_CODE_OAUTH_TOKEN"] : undefined].filter((text) => text !== undefined)),
    notices: warning === undefined ? [] : [warning],
  };
}

/** What a run would find, without starting anything. */
export function claudeCodeFinding(agent: AgentConfig, { environment }: Pick<Surroundings, "environment">): Finding {
  if (!isClaudeCodeThere())
    return { status: "failed", text: "the Claude Agent SDK is not installed", hint: "npm install @anthropic-ai/claude-agent-sdk" };
  try {
    const { isOwnLogin } = keyOf(agent, environment);
    return { status: "ok", text: `Claude Code is installed, with ${isOwnLogin ? "its own login" : "a key"}` };
  } catch (error) {
    if (!(error instanceof MassgenError)) throw error;
    return { status: "failed", text: error.message, ...(error.hint !== undefined && { hint: error.hint }) };
  }
}

/** What every agent is given. */
type Fixed = "cwd" | "environment" | "workspaces" | "withoutWeb" | "withoutCode" | "further" | "experience" | "timeouts";

function keyOf(agent: AgentConfig, environment: Surroundings["environment"]) {
  const { baseUrl: address, ownKey } = placeOf(agent.backend, environment);
  const baseUrl = address.replace(/\/v1$/u, "");
  const { key, warning } = findKey(baseUrl, ownKey, environment, false);
  const isOwnLogin = key === undefined && new URL(baseUrl).host === new URL(claudeCode.baseUrl).host;
  if (key === undefined && !isOwnLogin) {
    throw new MassgenError("config", `There is no key for ${new URL(baseUrl).host}, which ${nameOf(agent)} uses.`, {
      hint: `Set ${agent.backend.base_url === undefined ? "the variable ANTHROPIC_API_KEY, or " : ""}api_key in the config: the login of Claude Code is never sent to another host.`,
    });
  }
  return { key, baseUrl, isOwnLogin, warning };
}

/** Options of the SDK by the names that configs give them: `max_budget_usd` is `maxBudgetUsd`. */
function optionsNamed(body: NonNullable<BackendConfig["extra_body"]>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name.replaceAll(/_([a-z])/gu, (_, letter: string) => letter.toUpperCase()), value]),
  );
}
