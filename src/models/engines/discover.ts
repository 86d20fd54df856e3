import { readyToFetch } from "../http/dispatcher.ts";
import { isLoopback } from "../http/loopback.ts";
import type { Engine } from "./engine.ts";
import { engineServer } from "./engine-server.ts";
import { defaultAddress, servedEngines, servedKinds } from "./engines.ts";
import { type Answerer, identify } from "./identify.ts";

/** What answers at one address of this machine. */
export interface Place {
  readonly origin: string;
  readonly answerer: Answerer;
}

export interface Looking {
  /** Further addresses; those that are not on this machine are left alone. */
  readonly also?: readonly string[];
  /** Sent to LM Studio, which may want a token to tell what it is. */
  readonly lmStudioKey?: string;
}

/** What answers on this machine at all does so sooner, and whoever looks still has to ask what was found for its models. */
const LOOKING_MS = 300;

/** Looks at all usual ports of this machine at once. What answers is judged by what it says, not by its port. */
export async function discover({ also = [], lmStudioKey }: Looking, signal: AbortSignal): Promise<readonly Place[]> {
  const usual = servedKinds.map(defaultAddress);
  const here = also.filter((address) => URL.canParse(address) && isLoopback(new URL(address).hostname));
  const origins = [...new Set([...usual, ...here.map((address) => new URL(address).origin)])];
  await readyToFetch();
  const soon = AbortSignal.any([signal, AbortSignal.timeout(LOOKING_MS)]);
  const places = await Promise.all(
    origins.map(async (origin) => {
      const isLmStudio = origin === defaultAddress("lmstudio");
      const address = { baseUrl: origin, ...(isLmStudio && lmStudioKey !== undefined ? { apiKey: lmStudioKey } : {}) };
      return { origin, answerer: await identify(engineServer("a server", address), soon) };
    }),
  );
  signal.throwIfAborted();
  return places.filter(({ answerer }) => answerer.type !== "silence");
}

/** The engine at a place, where one answers there. */
export async function engineAt({ origin, answerer }: Place, apiKey?: string): Promise<Engine | undefined> {
  if (answerer.type !== "engine") return undefined;
  return servedEngines[answerer.kind].create({ baseUrl: origin, ...(apiKey === undefined ? {} : { apiKey }) });
}
