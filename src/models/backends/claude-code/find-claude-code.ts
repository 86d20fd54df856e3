import { existsSync } from "node:fs";
import { findPackageJSON } from "node:module";
import type * as AgentSdk from "@anthropic-ai/claude-agent-sdk";
import { MassgenError } from "../../../core/errors.ts";

/** The module: types here, imported for real only when an agent is first asked. */
export type ClaudeCode = typeof AgentSdk;

/** The package, an optional peer, and the version this backend was written against. */
const PACKAGE = "@anthropic-ai/claude-agent-sdk";
const VERSION = "0.3.226";

/** @throws MassgenError `engine-missing` with the command that brings it */
export async function loadClaudeCode(): Promise<ClaudeCode> {
  if (!isClaudeCodeThere()) throw missingClaudeCode();
  return import("@anthropic-ai/claude-agent-sdk");
}

/** Looks without loading it. */
export function isClaudeCodeThere(): boolean {
  try {
    const packageJson = findPackageJSON(PACKAGE, import.meta.url);
    return packageJson !== undefined && existsSync(packageJson);
  } catch {
    return false;
  }
}

export function missingClaudeCode(): MassgenError {
  return new MassgenError("engine-missing", "The backend claude_code needs the Claude Agent SDK, which is not installed.", {
    hint: `Install it beside massgen: npm install ${PACKAGE}@${VERSION} (about 300 MB, with the Claude Code program in it).`,
  });
}
