import type { Check } from "../doctor/check.ts";
import type { AgentConfig } from "../schema.ts";

/** What one look found of the agents that share it. */
export interface CouncilLine {
  readonly agents: readonly string[];
  readonly status: Check["status"];
  /** A sentence about them, or the rest of one that begins with them; then what to do. */
  readonly text: string;
}

/** @param checks one for each agent, in their order */
export function councilLines(agents: readonly AgentConfig[], checks: readonly Check[]): readonly CouncilLine[] {
  const lines: CouncilLine[] = [];
  checks.forEach(({ status, text, hint }, place) => {
    const id = agents[place]?.id ?? "";
    const sentence = text.replace(` for agent "${id}"`, "").replace(/([^.?!])$/u, "$1.");
    const said = `${sentence}${hint === undefined ? "" : ` ${hint}`}`;
    const same = lines.findIndex((line) => line.status === status && line.text === said);
    const before = lines[same];
    if (before === undefined) lines.push({ agents: [id], status, text: said });
    else lines[same] = { ...before, agents: [...before.agents, id] };
  });
  return lines;
}
