import { MassgenError } from "../core/errors.ts";
import type { AgentTool } from "../core/facts/settings.ts";
import { estimatedTokens } from "../core/prompts/estimated-tokens.ts";
import type { Tool } from "./tool.ts";

/** The tools of one agent, by the names under which its model knows them. */
export type Toolbox = ReadonlyMap<string, Tool>;

/** What every provider takes as the name of a tool. */
const VALID_NAME = /^[\w-]{1,64}$/u;
const LONGEST_NAME = 64;

/**
 * Gives every tool a name of its own: those of servers are preceded by the server's where two are called the same.
 * @param taken names of tools that the provider of the agent's model has itself
 * @throws MassgenError `config` for a function whose name cannot be used
 */
export function createToolbox(tools: readonly Tool[], agent: string, taken: readonly string[] = []): Toolbox {
  const box = new Map<string, Tool>();
  for (const tool of new Set(tools)) {
    const name = unused(nameOf(tool, tools, taken), tool, box);
    if (!VALID_NAME.test(name)) throw badName(tool, agent);
    if (box.has(name) || taken.includes(name)) throw twice(name, agent);
    box.set(name, tool);
  }
  return box;
}

function nameOf(tool: Tool, tools: readonly Tool[], taken: readonly string[]): string {
  const { source } = tool;
  if (source === undefined) return tool.name;
  const own = valid(tool.name);
  const isTaken = taken.includes(own) || tools.some((other) => other.source !== source && valid(other.name) === own);
  return isTaken ? valid(`${source}__${tool.name}`) : own;
}

/** A server may call two of its tools the same, once what no provider takes is out of their names. */
function unused(name: string, { source }: Tool, box: Toolbox): string {
  if (source === undefined) return name;
  for (let number = 2, found = name; ; number += 1) {
    if (!box.has(found)) return found;
    found = `${name.slice(0, LONGEST_NAME - 4)}_${number}`;
  }
}

function twice(name: string, agent: string): MassgenError {
  return new MassgenError("config", `Two tools of agent "${agent}" are called "${name}".`, { hint: "Give each its own name." });
}

function valid(name: string): string {
  return name.replaceAll(/[^\w-]/gu, "_").slice(0, LONGEST_NAME);
}

function badName({ name }: Tool, agent: string): MassgenError {
  return new MassgenError("config", `A tool of agent "${agent}" is called ${JSON.stringify(name)}, which no provider takes.`, {
    hint: "A name is made of letters, digits, _ and -, at most 64 of them.",
  });
}

/** Definitions may take this part of a context: question, answers and results need the rest. */
const PART_OF_CONTEXT = 1 / 3;
/** They go with every call and are paid each time, however large a context is. */
const MOST_TOKENS = 32_768;

/**
 * The first tools whose definitions leave room in a context, and what all of them would take, estimated.
 * @param before those that it holds already
 */
export function fittingTools(
  tools: readonly Tool[],
  contextTokens = Infinity,
  before: readonly Tool[] = [],
): { readonly tools: readonly Tool[]; readonly tokens: number } {
  const sizes = new Map(tools.map((tool) => [tool, definitionTokens(tool.name, tool)]));
  let room = Math.min(MOST_TOKENS, contextTokens * PART_OF_CONTEXT);
  for (const tool of before) room -= definitionTokens(tool.name, tool);
  const fitting = tools.filter((tool) => (room -= sizes.get(tool) ?? 0) >= 0);
  return { tools: fitting, tokens: [...sizes.values()].reduce((total, size) => total + size, 0) };
}

function definitionTokens(name: string, { description = "", inputSchema }: Tool): number {
  return estimatedTokens(name) + estimatedTokens(description) + estimatedTokens(JSON.stringify(inputSchema));
}

/** The tools as the protocol sees them. */
export function agentTools(toolbox: Toolbox): readonly AgentTool[] {
  return Array.from(toolbox, ([name, tool]) => ({
    name,
    readOnly: tool.readOnly === true,
    ...(tool.allowed === true ? { allowed: true } : {}),
    tokens: definitionTokens(name, tool),
  }));
}
