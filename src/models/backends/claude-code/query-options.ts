import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import type { Options, PermissionMode } from "@anthropic-ai/claude-agent-sdk";
import { offeredTools } from "./offered-tools.ts";
import { confinedTo, toolOf, usuallyDisallowed, usualTools } from "./permissions.ts";

/** What stays the same over the calls of an agent. */
export interface CallSettings {
  /** Absent: the program decides. */
  readonly model?: string;
  readonly systemPrompt?: string;
  readonly appendSystemPrompt?: string;
  readonly allowedTools?: readonly string[];
  readonly disallowedTools?: readonly string[];
  /** Neither searches nor fetches anything. */
  readonly withoutWeb?: boolean;
  /** Runs no commands. */
  readonly withoutCode?: boolean;
  readonly maxTurns?: number;
  readonly maxThinkingTokens?: number;
  readonly permissionMode?: PermissionMode;
  /** Further options of the SDK, by its own names. */
  readonly further?: Readonly<Record<string, unknown>>;
}

export interface CallFacts {
  /** All variables of the program. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly call: LanguageModelV4CallOptions;
  readonly system: string;
  readonly folder: string;
}

/** Marks a ballot, in whichever form it is asked for. */
export const BALLOT_MARK = { claude_code: { ballot: true } } as const;

const WEB_TOOLS = ["WebSearch", "WebFetch"];
const CODE_TOOLS = ["Bash"];

/** What a call asks of the program. A ballot has no tools and no thinking; everything else has the agent's tools, in its own folder. */
export function queryOptions(settings: CallSettings, { call, system, folder, environment }: CallFacts): Options {
  const isBallot = call.providerOptions?.["claude_code"]?.["ballot"] === true;
  const schema = call.responseFormat?.type === "json" ? call.responseFormat.schema : undefined;
  return {
    ...unlessAsked,
    ...without(settings.further ?? {}, ours),
    ...(settings.model !== undefined && { model: settings.model }),
    cwd: folder,
    env: { ...environment },
    ...always,
    ...(schema !== undefined && { outputFormat: { type: "json_schema", schema: schema as Record<string, unknown> } }),
    ...(isBallot ? judging(system) : { ...working(settings, system, folder), mcpServers: serversOf(settings, call) }),
  };
}

/** Nothing of the user's machine: settings, memories, plugins. */
const unlessAsked: Options = { settingSources: [], plugins: [], skills: [] };

/** Nor its servers; and nothing is kept of the call. */
const always: Options = {
  strictMcpConfig: true,
  persistSession: false,
  includePartialMessages: true,
};

/** What we say ourselves, or what would make a call depend on another. */
const ours: ReadonlySet<string> = new Set(
  `prompt abortController canUseTool hooks stderr spawnClaudeCodeProcess pathToClaudeCodeExecutable executable resume continue sessionId
  tools allowedTools disallowedTools permissionMode allowDangerouslySkipPermissions systemPrompt outputFormat`.split(/\s+/u),
);

function without(options: Readonly<Record<string, unknown>>, names: ReadonlySet<string>): Options {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !names.has(name)));
}

function serversOf({ further }: CallSettings, { tools }: LanguageModelV4CallOptions): NonNullable<Options["mcpServers"]> {
  return { ...(further?.["mcpServers"] as Options["mcpServers"]), ...offeredTools(tools) };
}

function judging(system: string): Options {
  return { systemPrompt: system, tools: [], mcpServers: {}, thinking: { type: "disabled" } };
}

function working(settings: CallSettings, system: string, folder: string): Options {
  const { allowedTools = usualTools, disallowedTools = usuallyDisallowed, permissionMode = "acceptEdits" } = settings;
  const without = new Set([...(settings.withoutWeb === true ? WEB_TOOLS : []), ...(settings.withoutCode === true ? CODE_TOOLS : [])]);
  const allowed = allowedTools.filter((rule) => !without.has(toolOf(rule)));
  const rules = allowed.filter((rule) => rule !== toolOf(rule));
  const mayRunAnything = settings.allowedTools?.includes("Bash") === true;
  return {
    systemPrompt: systemPromptOf(settings, system),
    tools: [...new Set(allowed.map(toolOf))],
    ...(rules.length > 0 && { allowedTools: rules }),
    disallowedTools: [...disallowedTools],
    permissionMode,
    ...(permissionMode === "bypassPermissions" ? { allowDangerouslySkipPermissions: true } : confined(folder, mayRunAnything)),
    ...(settings.maxTurns !== undefined && { maxTurns: settings.maxTurns }),
    ...(settings.maxThinkingTokens !== undefined && { maxThinkingTokens: settings.maxThinkingTokens }),
  };
}

function confined(folder: string, mayRunAnything: boolean): Options {
  return {
    canUseTool: confinedTo({ folder, mayRunAnything }),
    sandbox: { enabled: true, autoAllowBashIfSandboxed: true, allowUnsandboxedCommands: false, failIfUnavailable: false },
  };
}

/** The program's own instructions stay, unless the config replaces them; ours come after them, the config's addition last. */
function systemPromptOf({ systemPrompt, appendSystemPrompt }: CallSettings, system: string): NonNullable<Options["systemPrompt"]> {
  const append = [system, OWN_FOLDER, appendSystemPrompt].filter((text) => text !== undefined && text !== "").join("\n\n");
  if (systemPrompt !== undefined) return `${systemPrompt}\n\n${append}`;
  return { type: "preset", preset: "claude_code", append };
}

const OWN_FOLDER =
  "You work in a copy of the folder that is yours alone. Nobody sees its files before the end: your last message is your answer, so it must say everything itself.";
