import { isLoopback } from "../http/loopback.ts";
import type { Engine } from "./engine.ts";
import { engineServer } from "./engine-server.ts";
import { createEngine } from "./create-engine.ts";
import { defaultAddress, servedKinds } from "./served-engines.ts";
import { type Answerer, identify } from "./identify.ts";
import { withinProbe } from "./within-probe.ts";

/** What answers at one address of this machine. */
export interface Place {
  readonly origin: string;
  readonly answerer: Answerer;
}

export interface Looking {
  /** Where to look instead of at the usual ports. What is not on this machine is left alone. */
  readonly at?: readonly string[];
  /** Where to look besides. */
  readonly also?: readonly string[];
}

/** What answers on this machine at all does so sooner, and whoever looks still has to ask what was found for its models. */
const LOOKING_MS = 300;

/** Looks at all places of this machine at once. What answers is judged by what it says, not by its port, and is shown no key. */
export async function discover(
  { at = servedKinds.map(defaultAddress), also = [] }: Looking,
  signal: AbortSignal,
): Promise<readonly Place[]> {
  const here = [...at, ...also].filter((address) => URL.canParse(address) && isLoopback(new URL(address).hostname));
  const origins = [...new Set(here.map((address) => new URL(address).origin))];
  const places = await withinProbe(
    signal,
    (within) =>
      Promise.all(
        origins.map(async (origin) => ({ origin, answerer: await identify(engineServer("a server", { baseUrl: origin }), within) })),
      ),
    LOOKING_MS,
  );
  signal.throwIfAborted();
  return places.filter(({ answerer }) => answerer.type !== "silence");
}

/** The engine at a place, where one answers there. */
export async function engineAt({ origin, answerer }: Place, apiKey?: string): Promise<Engine | undefined> {
  if (answerer.type !== "engine") return undefined;
  return createEngine(answerer.kind, { baseUrl: origin, ...(apiKey === undefined ? {} : { apiKey }) });
}
