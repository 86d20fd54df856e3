import { MassgenError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { createEmbeddedEngine } from "../models/engines/embedded/create-embedded-engine.ts";
import { type EngineKind, engineKinds } from "../models/engines/engine.ts";
import { readyToFetch } from "../models/http/dispatcher.ts";
import { createEngine } from "../models/engines/create-engine.ts";
import { defaultAddress, servedEngines, servedKinds, type ServedKind } from "../models/engines/served-engines.ts";
import { isLoopback } from "../models/http/loopback.ts";
import { lookingIn } from "./local-models.ts";
import { normalizeBaseUrl } from "./base-url.ts";
import type { Environment } from "./interpolate.ts";
import { findKey } from "./keys.ts";
import { type Found, lookAtAddress, whyNot } from "./look-at-address.ts";

/** Where engines are looked for. */
export interface Around {
  readonly environment: Environment;
  readonly folders: { readonly models: string; readonly engines: string };
}

/** Loads what looking takes, so that our own time is not taken for that of a server. */
export async function readyToLook(): Promise<void> {
  await Promise.all([readyToFetch(), ...servedKinds.map((kind) => createEngine(kind, { baseUrl: defaultAddress(kind) }))]);
}

/**
 * All places of this machine at once, in the order in which engines are preferred, and the embedded engine: the usual ports and what
 * `OLLAMA_HOST` says, or what `MASSGEN_ENGINES` says. Other hosts are left alone.
 */
export async function enginesHere(around: Around, signal: AbortSignal): Promise<readonly Found[]> {
  return Promise.all(await looksHere(around, signal));
}

/** The same, each as soon as it is known: a place that does not answer holds up no other. */
export async function looksHere(around: Around, signal: AbortSignal): Promise<readonly Promise<Found>[]> {
  await readyToLook();
  const { at, also = [] } = lookingIn(around.environment);
  const usual = servedKinds.map((kind): Target => ({ baseUrl: defaultAddress(kind), expected: kind }));
  const named = [...(at ?? []), ...also].filter(isHere).map((baseUrl): Target => ({ baseUrl }));
  const targets = new Map([...(at === undefined ? usual : []), ...named].map((target) => [new URL(target.baseUrl).origin, target]));
  return [...[...targets.values()].map(async (target) => look(target, around, signal)), embeddedHere(around, signal)];
}

interface Target {
  readonly baseUrl: string;
  readonly expected?: ServedKind;
}

/** The token of LM Studio is for LM Studio alone, so who answers is found out without it. */
async function look({ baseUrl, expected }: Target, { environment }: Around, signal: AbortSignal): Promise<Found> {
  const found = await lookAtAddress({ baseUrl }, expected, signal);
  if (found.engine?.kind !== "lmstudio" || found.probe.type !== "refused") return found;
  const { key } = findKey(baseUrl, undefined, environment, true);
  return key === undefined ? found : lookAtAddress({ baseUrl, apiKey: key }, "lmstudio", signal);
}

/**
 * The engines that somebody named: those of a kind on this machine, or the one at an address anywhere. At least one.
 * @throws MassgenError `config` for a name that is none, and where what was named is not there
 */
export async function enginesNamed(name: string, around: Around, signal: AbortSignal): Promise<readonly Found[]> {
  if (/^https?:\/\//iu.test(name)) {
    const address = normalizeBaseUrl(name);
    if (address.type === "invalid") throw new MassgenError("config", `The address of the engine ${address.why}.`);
    await readyToLook();
    const found = await look({ baseUrl: address.url }, around, signal);
    if (found.probe.type === "ready") return [found];
    throw new MassgenError("config", whyNot(found) ?? "");
  }
  const kind = kindNamed(name);
  if (kind === "embedded") return [await embeddedHere(around, signal)];
  const found = (await enginesHere(around, signal)).filter(({ engine }) => engine?.kind === kind);
  const ready = found.filter(({ probe }) => probe.type === "ready");
  if (ready.length > 0) return ready;
  const { title, start } = servedEngines[kind];
  const why = found.map(whyNot).find((text) => text !== undefined);
  throw new MassgenError("config", why ?? `${title} was not found on this machine.`, {
    hint: `To start it: ${start}. Elsewhere: --engine URL.`,
  });
}

function isHere(address: string): boolean {
  return URL.canParse(address) && isLoopback(new URL(address).hostname);
}

function kindNamed(name: string): EngineKind {
  const folded = name.toLowerCase().replaceAll(/[^a-z]/gu, "");
  const kind = engineKinds.find((known) => known === folded);
  if (kind !== undefined) return kind;
  const meant = nearest(folded, engineKinds);
  throw new MassgenError("config", `There is no engine "${name}".`, {
    hint: meant === undefined ? `There is ${engineKinds.join(", ")}, or the URL of one.` : `Did you mean ${meant}?`,
  });
}

async function embeddedHere({ folders }: Around, signal: AbortSignal): Promise<Found> {
  const engine = createEmbeddedEngine({ modelsDir: folders.models, enginesDir: folders.engines });
  return { origin: engine.origin, name: engine.name, probe: await engine.probe(signal), engine };
}
