import { randomInt } from "node:crypto";
import type { AttachedPath } from "../config/attachments-section.ts";
import { buildCouncil, type CouncilPlan } from "../config/build-council.ts";
import type { Council, Surroundings } from "../config/council.ts";
import { quickAgents } from "../config/quick-setup.ts";
import type { RunConfig } from "../config/run-config.ts";
import { haveSay, runLayers } from "../config/run-files.ts";
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

/** What the flags say, and what the person has allowed once and for all. */
export type PlanOptions = AskOptions & { readonly isCloudAllowed: boolean };

/**
 * Decides on a council: by flags, by the configs that were named or are found, or by what this machine has; each loads what it takes. Throws
 * what those throw.
 */
export async function planCouncil(options: PlanOptions, surroundings: Surroundings, signal: AbortSignal): Promise<PlannedCouncil> {
  const hasOwnAgents = namesAgents(options);
  const configured = await configuredBy(options, hasOwnAgents, surroundings, signal);
  if (configured === undefined) return fromFlags(options, undefined, surroundings, signal);
  const { config, source } = configured;
  if (config.agents.length === 0) return fromFlags(options, configured, surroundings, signal);
  return {
    ...frameOf(options, configured),
    plan: { agents: withFlags(config.agents, options, source.file ?? ""), secrets: config.secrets, ...source },
  };
}

/** `--config` names agents itself: `--model` beside it is about its one agent. */
function namesAgents({ config, backend, model, baseUrl, agents, named, cloud }: AskOptions): boolean {
  return config === undefined && [backend, model, baseUrl, agents, named, cloud].some((flag) => flag !== undefined);
}

async function configuredBy(
  options: PlanOptions,
  hasOwnAgents: boolean,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<RunConfig | undefined> {
  const { where } = surroundings;
  const layers = runLayers(options, surroundings.environment, where);
  if (!haveSay(layers)) return undefined;
  const { runConfig } = await import("../config/run-config.ts");
  return runConfig(layers, { hasOwnAgents, isStrict: options.strict }, surroundings, signal);
}

/** Builds the council that was planned. */
export async function seatCouncil({ plan, ...frame }: PlannedCouncil, surroundings: Surroundings, signal: AbortSignal): Promise<Seating> {
  const council = await buildCouncil(plan, surroundings, signal);
  return { ...frame, council, notices: [...frame.notices, ...warnings(council.notices)] };
}

/** How the council works, by flags and by configs. */
function frameOf(options: AskOptions, configured: RunConfig | undefined): Frame {
  const { settings = settingsSchema.parse({}), seed, ui, attachments } = configured?.config ?? {};
  return {
    settings: overridden(settings, options),
    seed: options.seed ?? seed ?? randomSeed(),
    ...(ui && { ui }),
    ...(attachments && { attachments }),
    notices: configured?.notices ?? [],
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

async function fromFlags(
  options: PlanOptions,
  configured: RunConfig | undefined,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<PlannedCouncil> {
  const frame = frameOf(options, configured);
  const { seed } = frame;
  const planned = (agents: readonly AgentConfig[], notices: Frame["notices"]): PlannedCouncil => ({
    ...frame,
    plan: { agents, secrets: configured?.config.secrets ?? [] },
    notices: [...frame.notices, ...notices],
  });
  if (options.named !== undefined) {
    const { namedAgents } = await import("../config/named-agents.ts");
    const { agents, notices } = await namedAgents(options.named, { ...options, seed }, surroundings, signal);
    return planned(agents, warnings(notices));
  }
  const quick = quickAgents({ ...options, seed });
  if (quick !== undefined) return planned(quick, []);
  const { chooseCouncil } = await import("../config/choose-council.ts");
  const wish = { ...options, cloud: options.cloud ?? options.isCloudAllowed, seed };
  const { agents, reason, notices } = await chooseCouncil(wish, surroundings, signal);
  return planned(agents, [{ level: "info", text: reason }, ...warnings(notices)]);
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
