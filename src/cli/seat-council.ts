import { randomInt } from "node:crypto";
import type { AttachedPath } from "../config/attachments-section.ts";
import { buildCouncil, type CouncilPlan } from "../config/build-council.ts";
import type { Council, Surroundings } from "../config/council.ts";
import { quickAgents } from "../config/quick-setup.ts";
import type { AgentConfig, UiConfig } from "../config/schema.ts";
import { MassgenError } from "../core/errors.ts";
import type { Settings } from "../core/facts/settings.ts";
import { settingsSchema } from "../core/facts/settings.ts";
import type { AskOptions as AskCouncil } from "../library/create-council.ts";
import type { AskOptions } from "./ask-options.ts";

/** How a council is to work and what a person should know of it. */
interface Frame {
  readonly settings: Settings;
  readonly seed: number;
  readonly ui?: UiConfig;
  /** Files that go with the question by the config. */
  readonly attachments?: readonly AttachedPath[];
  /** Why this council, where nobody named one, and what else a person should know of it. */
  readonly notices: NonNullable<AskCouncil["notices"]>;
}

/** Who is to sit on the council, before anything is built. */
export interface PlannedCouncil extends Frame {
  readonly plan: CouncilPlan;
}

export interface Seating extends Frame {
  readonly council: Council;
}

/** Decides on a council from a config, from flags, or from what this machine has; each loads what it takes. Throws what those throw. */
export async function planCouncil(options: AskOptions, surroundings: Surroundings, signal: AbortSignal): Promise<PlannedCouncil> {
  return options.config === undefined ? fromFlags(options, surroundings, signal) : fromConfig(options.config, options, surroundings);
}

/** Builds the council that was planned. */
export async function seatCouncil({ plan, ...frame }: PlannedCouncil, surroundings: Surroundings, signal: AbortSignal): Promise<Seating> {
  const council = await buildCouncil(plan, surroundings, signal);
  return { ...frame, council, notices: [...frame.notices, ...warnings(council.notices)] };
}

async function fromConfig(file: string, options: AskOptions, { environment }: Surroundings): Promise<PlannedCouncil> {
  const [{ loadConfig }, { findConfig }] = await Promise.all([import("../config/load-config.ts"), import("../config/find-config.ts")]);
  const { path, notice } = findConfig(file);
  const { agents, attachments, secrets, settings, seed, ui, warnings: found } = await loadConfig(path, environment);
  return {
    plan: { agents: withFlags(agents, options, path), file: path, secrets },
    ...(attachments && { attachments }),
    settings: overridden(settings, options),
    seed: options.seed ?? seed ?? randomSeed(),
    ui,
    notices: [...(notice === undefined ? [] : [{ level: "info" as const, text: notice }]), ...warnings(found)],
  };
}

/** `--model` and `--system-message` go before what a file says of its one agent. */
function withFlags(agents: readonly AgentConfig[], { model, systemMessage }: AskOptions, path: string): readonly AgentConfig[] {
  if (model === undefined && systemMessage === undefined) return agents;
  if (agents.length > 1) {
    const flag = model === undefined ? "--system-message" : "--model";
    throw new MassgenError("usage", `${flag} is about one agent, and ${path} has ${agents.length}.`, {
      hint: "Put it into the file, or leave --config out.",
    });
  }
  return agents.map((agent) => ({
    ...agent,
    ...(systemMessage !== undefined && { system_message: systemMessage }),
    backend: { ...agent.backend, ...(model !== undefined && { model }) },
  }));
}

async function fromFlags(options: AskOptions, surroundings: Surroundings, signal: AbortSignal): Promise<PlannedCouncil> {
  const seed = options.seed ?? randomSeed();
  const settings = overridden(settingsSchema.parse({}), options);
  if (options.named !== undefined) {
    const { namedAgents } = await import("../config/named-agents.ts");
    const { agents, notices } = await namedAgents(options.named, { ...options, seed }, surroundings, signal);
    return { plan: { agents }, settings, seed, notices: warnings(notices) };
  }
  const named = quickAgents({ ...options, seed });
  if (named !== undefined) return { plan: { agents: named }, settings, seed, notices: [] };
  const { chooseCouncil } = await import("../config/choose-council.ts");
  const { agents, reason, notices } = await chooseCouncil({ ...options, seed }, surroundings, signal);
  return { plan: { agents }, settings, seed, notices: [{ level: "info", text: reason }, ...warnings(notices)] };
}

function warnings(texts: readonly string[]): Frame["notices"] {
  return texts.map((text) => ({ level: "warning", text }));
}

const randomSeed = (): number => randomInt(2 ** 31);

/** What a flag says goes before what the config says. */
function overridden(settings: Settings, { timeoutMs, tokenBudget, maxAnswers, finalAnswerStrategy }: AskOptions): Settings {
  return {
    ...settings,
    ...(finalAnswerStrategy !== undefined && { finalAnswer: finalAnswerStrategy }),
    bounds: {
      ...settings.bounds,
      ...(timeoutMs !== undefined && { runMs: timeoutMs }),
      ...(tokenBudget !== undefined && { runTokens: tokenBudget }),
      ...(maxAnswers !== undefined && { answersPerAgent: maxAnswers }),
    },
  };
}
