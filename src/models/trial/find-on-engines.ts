import { basename, dirname, resolve } from "node:path";
import { MassgenError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import { discover, engineAt } from "../engines/discover.ts";
import { createEmbeddedEngine } from "../engines/embedded/create-embedded-engine.ts";
import type { Engine, EngineModel } from "../engines/engine.ts";
import { engineServer, quietly } from "../engines/engine-server.ts";
import { defaultAddress, servedEngines, type ServedKind, servedKinds } from "../engines/engines.ts";
import { identify } from "../engines/identify.ts";

export interface Wanted {
  /** As its engine names it, or the path of a GGUF file. */
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
  const { folder, name } = fileOf(wanted.model);
  const engines = folder === undefined ? await candidates(wanted, signal) : [embeddedIn(folder, wanted)];
  const names: string[] = [];
  for (const engine of engines) {
    const models = (await quietly(engine.models(signal))) ?? [];
    signal.throwIfAborted();
    const model = models.find(({ id }) => id === name);
    if (model !== undefined) return { engine, model };
    names.push(...models.map(({ id }) => id));
  }
  const meant = nearest(name, names);
  const hint = meant === undefined ? `There ${names.length === 0 ? "is none" : `are: ${names.join(", ")}`}.` : `Did you mean ${meant}?`;
  const where = engines.map(({ name }) => name).join(", ");
  throw new MassgenError("config", `There is no model "${name}" on ${where}.`, { hint });
}

function fileOf(model: string): { readonly folder?: string; readonly name: string } {
  return /\.gguf$/iu.test(model) ? { folder: dirname(resolve(model)), name: basename(model).slice(0, -".gguf".length) } : { name: model };
}

function embeddedIn(modelsDir: string, { enginesDir }: Wanted): Engine {
  return createEmbeddedEngine({ modelsDir, enginesDir });
}

async function candidates(wanted: Wanted, signal: AbortSignal): Promise<readonly Engine[]> {
  const { engine } = wanted;
  const embedded = embeddedIn(wanted.modelsDir, wanted);
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
