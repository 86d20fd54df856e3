import { readFileSync } from "node:fs";
import { MassgenError } from "../../core/errors.ts";
import { listed } from "../../core/listed.ts";
import { nearest } from "../../core/nearest.ts";
import type { Environment } from "../interpolate.ts";
import { configErrors, remarkLine } from "../diagnostics.ts";
import { examineConfig } from "../load-config.ts";
import type { AgentConfig } from "../schema.ts";
import { templates } from "../shipped-configs.ts";
import { configText } from "./config-text.ts";

/** What is to be written: a config, and keys for `.env`. */
export interface Draft {
  readonly agents: readonly AgentConfig[];
  readonly text: string;
  readonly keys: Readonly<Record<string, string>>;
  /** What a run needs besides, a sentence each. */
  readonly notices: readonly string[];
}

export function draftWith(agents: readonly AgentConfig[]): Draft {
  return { agents, text: configText(agents), keys: {}, notices: [] };
}

/**
 * A template or preset as it stands. A variable that is not set yet keeps nobody from writing it.
 * @throws MassgenError `usage` where there is none of that name
 */
export function templateDraft(name: string, environment: Environment): Draft {
  const wanted = name.toLowerCase().replaceAll("_", "-");
  const found = templates().find((template) => template.name.replaceAll("_", "-") === wanted);
  if (found === undefined) {
    const names = templates().map((template) => template.name);
    const meant = nearest(name, names);
    throw new MassgenError("usage", `There is no template "${name}".`, {
      hint: meant === undefined ? `There is ${listed(names)}.` : `Did you mean ${meant}?`,
    });
  }
  const text = readFileSync(found.path, "utf8");
  const request = { files: [{ title: "config file" as const, path: found.path, text }] };
  const { config, remarks } = examineConfig(request, environment, { needsAgents: true, isCheck: true });
  if (config === undefined) throw configErrors(remarks.map(remarkLine));
  const agents = config.agents.map(({ place: _place, ...agent }) => agent);
  return { agents, text, keys: {}, notices: remarks.map(({ sentence }) => sentence) };
}
