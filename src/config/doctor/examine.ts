import { MassgenError } from "../../core/errors.ts";
import { patientTimeout } from "../../models/http/patient-timeout.ts";
import { readyToLook } from "../engines-here.ts";
import type { Surroundings } from "../council.ts";
import { type Config, loadConfig } from "../load-config.ts";
import { findConfig } from "../find-config.ts";
import type { AgentConfig } from "../schema.ts";
import { type Check, timed } from "./check.ts";
import { checkBackends, placeFound } from "./check-backends.ts";
import { checkEngines } from "./check-engines.ts";
import { checkKeys } from "./check-keys.ts";
import { memoryFinding, takenBy } from "./check-memory.ts";
import { graphicsBytes } from "./graphics.ts";
import { checkMachine, type Machine } from "./machine.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

export interface Examination {
  readonly around: Surroundings;
  readonly machine: Machine;
  /** A file, or the name of a preset. */
  readonly config?: string;
  /** Milliseconds, from anywhere. */
  readonly now: () => number;
  /** Told what must not be shown, as soon as it is known. */
  readonly keepSecret: (secrets: readonly string[]) => void;
}

export interface Examined {
  readonly checks: readonly Check[];
  readonly verdict: Verdict;
}

/** Longest that any server may take, in milliseconds: all of it together should be over within half a second. */
const LOOK_MS = 350;

/** Longest that a cloud may take which a config names. */
const FAR_MS = 5_000;

/** Looks at everything a council needs, all at once. Spends no token; a server that does not answer in time is unknown. */
export async function examine(examination: Examination, signal: AbortSignal): Promise<Examined> {
  const { around, machine, config: file, now, keepSecret } = examination;
  const config = file === undefined ? undefined : await readConfigFile(file, around, now);
  keepSecret(config?.secrets ?? []);
  const agents = config?.agents ?? [];
  await readyToLook();
  const limit = patientTimeout(LOOK_MS);
  const soon = AbortSignal.any([signal, limit.signal]);
  const [machineChecks, engines, backends] = await Promise.all([
    checkMachine(machine, { modelsDir: around.folders.models, now, signal }),
    checkEngines(around, now, soon),
    checkBackends(agents, { around: quiet(around), now, lookMs: LOOK_MS, signal: soon, far: { lookMs: FAR_MS, signal } }),
  ]);
  limit.stop();
  signal.throwIfAborted();
  const taken = takenBy(backends.seated);
  const cards = graphicsBytes(machineChecks.graphics);
  const memory = await Promise.all(
    (taken.length === 0 ? [] : [taken]).map((all) =>
      timed({ section: "memory", check: "fit", target: "models together" }, now, () => memoryFinding(all, machine.memoryBytes, cards)),
    ),
  );
  const keys = checkKeys(around.environment, hostsOf(agents, around));
  const checks = [...machineChecks.checks, ...engines.checks, ...(config?.checks ?? []), ...backends.checks, ...keys, ...memory];
  return { checks, verdict: verdictOf(checks, { hasConfig: file !== undefined, canAnswer: engines.canAnswer }) };
}

/** Fetches nothing, asks nobody, and looks around once for all. */
function quiet(around: Surroundings): Surroundings {
  let looked: ReturnType<Surroundings["discover"]> | undefined;
  return {
    ...around,
    allow: async () => undefined,
    tell: () => undefined,
    discover: (looking, signal) => (looked ??= around.discover(looking, signal)),
  };
}

type ReadConfig = Partial<Pick<Config, "agents" | "secrets">> & { readonly checks: readonly Check[] };

async function readConfigFile(file: string, { environment }: Surroundings, now: () => number): Promise<ReadConfig> {
  const head = { section: "backends", check: "config", target: file } as const;
  const begun = now();
  try {
    const config = await loadConfig(findConfig(file).path, environment);
    const ms = Math.round(now() - begun);
    const warnings = config.warnings.map((text): Check => ({ ...head, status: "warning", text, ms }));
    const { length } = config.agents;
    return {
      ...config,
      checks: [{ ...head, status: "ok", text: `can be read; ${length} agent${length === 1 ? "" : "s"}`, ms }, ...warnings],
    };
  } catch (error) {
    if (!(error instanceof MassgenError)) throw error;
    const { message, hint } = error;
    return { checks: [{ ...head, status: "failed", text: message, ...(hint !== undefined && { hint }), ms: Math.round(now() - begun) }] };
  }
}

function hostsOf(agents: readonly AgentConfig[], around: Surroundings): ReadonlySet<string> {
  const served = agents.filter(({ backend }) => backend.type !== "embedded" && backend.type !== "local");
  const places = served.map(({ backend }) => placeFound(backend, around));
  return new Set(places.flatMap((place) => ("status" in place ? [] : [new URL(place.baseUrl).hostname])));
}
