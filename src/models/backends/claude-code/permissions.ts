import { realpathSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { CanUseTool, PermissionResult } from "@anthropic-ai/claude-agent-sdk";
import { ourName } from "./offered-tools.ts";

/** As MassGen 0.0.7 allows them; the program leaves out those that its version does not have. */
export const usualTools: readonly string[] =
  "Read Write Edit MultiEdit Bash Grep Glob LS WebSearch WebFetch Task TodoWrite NotebookEdit NotebookRead mcp__ide__getDiagnostics mcp__ide__executeCode ExitPlanMode".split(
    " ",
  );

export const usuallyDisallowed: readonly string[] = ["Bash(rm*)", "Bash(sudo*)", "Bash(su*)", "Bash(chmod*)", "Bash(chown*)"];

/** Where a tool says what it reads or writes. */
const pathFields = ["file_path", "notebook_path", "path"];

/** `Bash(git *)` is about Bash. */
export function toolOf(rule: string): string {
  return rule.split("(", 1)[0] ?? rule;
}

export interface Confinement {
  /** The agent's own folder. */
  readonly folder: string;
  /** Whether the config itself names Bash, so that it is wanted also where nothing can confine it. */
  readonly mayRunAnything: boolean;
}

/**
 * Decides what the program itself does not: it allows what stays in the agent's own folder, and asks about everything else. Commands in a
 * sandbox are not asked about.
 */
export function confinedTo({ folder, mayRunAnything }: Confinement): CanUseTool {
  return async (tool, input): Promise<PermissionResult> => {
    // The run decides about tools of ours.
    if (ourName(tool) !== undefined) return { behavior: "allow", updatedInput: input };
    if (tool === "Bash" && !mayRunAnything) return denied(NO_SANDBOX);
    const outside = pathFields.map((field) => input[field]).some((path) => typeof path === "string" && !isWithin(folder, path));
    return outside ? denied(OUTSIDE) : { behavior: "allow", updatedInput: input };
  };
}

const NO_SANDBOX = "Commands cannot run here: this machine has no sandbox for them. Work with the other tools.";
const OUTSIDE = "Only files within your own working folder can be read or written.";

function denied(message: string): PermissionResult {
  return { behavior: "deny", message };
}

/** Links count as what they lead to. */
function isWithin(folder: string, path: string): boolean {
  const inside = relative(realpathSync(folder), real(resolve(folder, path)));
  return !isAbsolute(inside) && inside !== ".." && !inside.startsWith("../") && !inside.startsWith("..\\");
}

/** The real place of a file that may not be there yet. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(real(parent), path.slice(parent.length).replace(/^[/\\]/u, ""));
  }
}
