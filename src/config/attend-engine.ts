import { MassgenError } from "../core/errors.ts";
import { type Engine, type EngineModel, type Probe, PROBE_MS } from "../models/engines/engine.ts";
import { type ServedKind, servedEngines } from "../models/engines/served-engines.ts";
import { quietly } from "../models/engines/engine-server.ts";
import { withOneName } from "../models/http/loopback.ts";
import { remediesFor } from "../models/engines/remedies-for.ts";
import { failureOf } from "../models/failure-of.ts";
import { reachOf } from "./base-url.ts";
import type { Surroundings } from "./council.ts";

/** An engine as it was found when the council was built. */
export interface AttendedEngine {
  readonly engine: Engine;
  readonly probe: Probe;
  /** Empty where it could not be asked. */
  readonly models: readonly EngineModel[];
  /** Why it could not be started, where it was to be, or why no waiting helps. */
  readonly trouble?: string;
}

/** What an agent says of the engine it uses. */
export interface EngineWish {
  readonly kind: ServedKind;
  readonly baseUrl: string;
  readonly key: string | undefined;
  readonly autostart: boolean | undefined;
}

/** Agents of one engine have it looked at, and started where that is allowed, once. */
export type AttendEngine = (wish: EngineWish, signal: AbortSignal) => Promise<AttendedEngine>;

export function attendOnce(around: Surroundings): AttendEngine {
  const attended = new Map<string, Promise<AttendedEngine>>();
  const autostarts = new Map<string, boolean>();
  return ({ autostart, ...wish }, signal) => {
    const key = JSON.stringify([wish.kind, withOneName(wish.baseUrl), wish.key]);
    // What one agent allows holds for all; they have spoken before the first look is over.
    if (autostart !== undefined) autostarts.set(key, autostart || autostarts.get(key) === true);
    const found = attended.get(key) ?? attend(wish, { ...around, mayStart: () => autostarts.get(key) }, signal);
    attended.set(key, found);
    return found;
  };
}

type Place = Omit<EngineWish, "autostart">;

interface Attending extends Surroundings {
  /** What the agents of an engine say of starting it. */
  readonly mayStart: () => boolean | undefined;
}

async function attend(wish: Place, around: Attending, signal: AbortSignal): Promise<AttendedEngine> {
  const { kind, baseUrl, key } = wish;
  const engine = await around.createEngine(kind, { baseUrl, ...(key === undefined ? {} : { apiKey: key }) });
  const { probe, trouble } = await lookedAt(engine, wish, around, signal);
  if (probe.type === "refused") throw refused(engine, wish);
  if (probe.type === "other") throw other(engine, wish, probe.what);
  // Who did not say in time that it is there is not waited for once more.
  const asking = probe.type === "unknown" ? AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]) : signal;
  const models = probe.type === "ready" || probe.type === "unknown" ? ((await quietly(engine.models(asking))) ?? []) : [];
  return { engine, probe, models, ...(trouble !== undefined && { trouble }) };
}

type Look = Pick<AttendedEngine, "probe" | "trouble">;

/** Whether it is there, after it was started where it was not and may be. */
async function lookedAt(engine: Engine, wish: Place, around: Attending, signal: AbortSignal): Promise<Look> {
  const probe = await engine.probe(signal);
  if (probe.type !== "down") return { probe };
  if (!(await mayStart(engine, wish, around, signal)))
    return probe.failure.retryable ? { probe } : { probe, trouble: probe.failure.message };
  const trouble = await started(engine, around, signal);
  return { probe: await engine.probe(signal), ...(trouble !== undefined && { trouble }) };
}

/** Why it could not be started, if it could not. */
async function started(engine: Engine, { tell }: Surroundings, signal: AbortSignal): Promise<string | undefined> {
  tell(`${engine.name} is being started.`);
  try {
    await engine.start?.(signal);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    const { message, hint } = engineTrouble(error, engine);
    return hint === undefined ? message : `${message} ${hint}`;
  } finally {
    tell("");
  }
}

/** Only on this machine, and only where the config or the person says so. */
async function mayStart(engine: Engine, { kind, baseUrl }: Place, around: Attending, signal: AbortSignal): Promise<boolean> {
  if (engine.start === undefined || reachOf(baseUrl) !== "loopback") return false;
  return (
    around.mayStart() ?? (await around.allow(`${engine.name} does not run. Start it (${servedEngines[kind].start})?`, signal)) ?? false
  );
}

function refused({ name }: Engine, { kind }: Place): MassgenError {
  const variable = kind === "lmstudio" ? " or the variable LM_API_TOKEN" : "";
  return new MassgenError("config", `${name} does not accept the API key.`, {
    hint: `Set api_key of the backend${variable} to the key it was started with.`,
  });
}

function other({ name }: Engine, { kind }: Place, what: string): MassgenError {
  const meant = Object.entries(servedEngines).find(([, { title }]) => title === what)?.[0];
  return new MassgenError("config", `${name} is not there: ${what} answers at that address.`, {
    hint:
      meant === undefined
        ? `Start ${servedEngines[kind].title} on another port and name it: base_url.`
        : `If ${what} is meant: type: ${meant}. Else name the port of ${servedEngines[kind].title}: base_url.`,
  });
}

/** The error of an engine as one that a person can do something about. */
export function engineTrouble(error: unknown, { name, kind }: Pick<Engine, "name" | "kind">): MassgenError {
  if (error instanceof MassgenError) return error;
  return new MassgenError("config", failureOf(error, name, 0, remediesFor(kind)).message, { cause: error });
}
