import { randomInt } from "node:crypto";
import { buildCouncil } from "../config/build-council.ts";
import { chooseCouncil } from "../config/choose-council.ts";
import type { Council, Surroundings } from "../config/council.ts";
import { loadConfig } from "../config/load-config.ts";
import { quickAgents } from "../config/quick-setup.ts";
import type { UiConfig } from "../config/schema.ts";
import type { Settings } from "../core/facts/settings.ts";
import { settingsSchema } from "../core/facts/settings.ts";
import type { AskOptions as AskCouncil } from "../library/create-council.ts";
import type { AskOptions } from "./ask-options.ts";

/** A council with how it is to work and what a person should know of it. */
export interface Seating {
  readonly council: Council;
  readonly settings: Settings;
  readonly seed: number;
  readonly ui?: UiConfig;
  /** Why this council, where nobody named one, and what else a person should know of it. */
  readonly notices: NonNullable<AskCouncil["notices"]>;
}

/** Builds the council from a config, from flags, or from what this machine has. Throws what those throw. */
export async function seatCouncil(options: AskOptions, surroundings: Surroundings, signal: AbortSignal): Promise<Seating> {
  return options.config === undefined
    ? fromFlags(options, surroundings, signal)
    : fromConfig(options.config, options, surroundings, signal);
}

async function fromConfig(file: string, options: AskOptions, surroundings: Surroundings, signal: AbortSignal): Promise<Seating> {
  const config = await loadConfig(file, surroundings.environment);
  const council = await buildCouncil({ agents: config.agents, file, secrets: config.secrets }, surroundings, signal);
  return {
    council,
    settings: overridden(config.settings, options),
    seed: options.seed ?? config.seed ?? randomSeed(),
    ui: config.ui,
    notices: warnings([...config.warnings, ...council.notices]),
  };
}

async function fromFlags(options: AskOptions, surroundings: Surroundings, signal: AbortSignal): Promise<Seating> {
  const seed = options.seed ?? randomSeed();
  const settings = overridden(settingsSchema.parse({}), options);
  const named = quickAgents({ ...options, seed });
  if (named !== undefined) {
    const council = await buildCouncil({ agents: named }, surroundings, signal);
    return { council, settings, seed, notices: warnings(council.notices) };
  }
  const { agents, reason, notices } = await chooseCouncil({ ...options, seed }, surroundings, signal);
  const council = await buildCouncil({ agents }, surroundings, signal);
  return { council, settings, seed, notices: [{ level: "info", text: reason }, ...warnings([...notices, ...council.notices])] };
}

function warnings(texts: readonly string[]): Seating["notices"] {
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
