import { MassgenError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import { discover, engineAt } from "../engines/discover.ts";
import { createEmbeddedEngine } from "../engines/embedded/create-embedded-engine.ts";
import type { Engine, EngineModel } from "../engines/engine.ts";
import { engineServer, quietly } from "../engines/engine-server.ts";
import { defaultAddress, servedEngines, type ServedKind, servedKinds } from "../engines/engines.ts";
import { identify } from "../engines/identify.ts";

export interface Wanted {
  readonly model: string;
  /** An engine's name or address; every engine of this machine by default. Nobody but a person names an address elsewhere. */
  readonly engine?: string;
  readonly modelsDir: string;
  readonly enginesDir: string;
}

/** The engine that has a model. Throws `config` where none has it, with the nearest name there is. */
export async function findOnEngines(
  wanted: Wanted,
  signal: AbortSignal,
): Promise<{ readonly engine: Engine; readonly model: EngineModel }> {
  const engines = await candidates(wanted, signal);
  const names: string[] = [];
  for (const engine of engines) {
    const models = (await quietly(engine.models(signal))) ?? [];
    signal.throwIfAborted();
    const model = models.find(({ id }) => id === wanted.model);
    if (model !== undefined) return { engine, model };
    names.push(...models.map(({ id }) => id));
  }
  const meant = nearest(wanted.model, names);
  const hint = meant === undefined ? `There ${names.length === 0 ? "is none" : `are: ${names.join(", ")}`}.` : `Did you mean ${meant}?`;
  const where = engines.map(({ name }) => name).join(", ");
  throw new MassgenError("config", `There is no model "${wanted.model}" on ${where}.`, { hint });
}

async function candidates({ engine, modelsDir, enginesDir }: Wanted, signal: AbortSignal): Promise<readonly Engine[]> {
  const embedded = createEmbeddedEngine({ modelsDir, enginesDir });
  if (engine === "embedded") return [embedded];
  if (engine === undefined) {
    const places = await discover({}, signal);
    const found = await Promise.all(places.map(async (place) => engineAt(place)));
    return [...found.filter((served) => served !== undefined), embedded];
  }
  if (isServed(engine)) return [await servedEngines[engine].create({ baseUrl: defaultAddress(engine) })];
  return [await engineAtAddress(engine, signal)];
}

async function engineAtAddress(address: string, signal: AbortSignal): Promise<Engine> {
  if (!URL.canParse(address) || !/^https?:$/u.test(new URL(address).protocol)) {
    const hint = `Name one of ${[...servedKinds, "embedded"].join(", ")}, or its address: http://127.0.0.1:8080`;
    throw new MassgenError("config", `"${address}" is neither an engine nor an address.`, { hint });
  }
  const server = engineServer("a server", { baseUrl: address });
  const found = await engineAt({ origin: server.origin, answerer: await identify(server, signal) });
  if (found !== undefined) return found;
  throw new MassgenError("config", `No engine that massgen knows answers at ${server.origin}.`, {
    hint: `It knows ${servedKinds.map((kind) => servedEngines[kind].title).join(", ")}.`,
  });
}

function isServed(name: string): name is ServedKind {
  return Object.hasOwn(servedEngines, name);
}
