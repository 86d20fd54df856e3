import { failureOf } from "../models/failure-of.ts";
import { engineServer } from "../models/engines/engine-server.ts";
import type { Engine, EngineAddress, Probe } from "../models/engines/engine.ts";
import { createEngine } from "../models/engines/create-engine.ts";
import type { ServedKind } from "../models/engines/served-engines.ts";
import { identify } from "../models/engines/identify.ts";
import { probeEngine } from "../models/engines/probe-engine.ts";

/** What is at an address. `engine` is there where one of those we know answers, or is expected. */
export interface Found {
  readonly origin: string;
  /** For sentences. */
  readonly name: string;
  readonly probe: Probe;
  readonly engine?: Engine;
}

/**
 * Looks what is at an address. What answers is judged by what it says: another engine than the expected one is found as what it is.
 * @param expected the engine that should be there, where that is known
 */
export async function lookAtAddress(address: EngineAddress, expected: ServedKind | undefined, signal: AbortSignal): Promise<Found> {
  if (expected !== undefined) {
    const found = await lookAs(expected, address, signal);
    if (found.probe.type !== "other") return found;
    const actual = await identify(engineServer("A server", address), signal);
    return actual.type === "engine" && actual.kind !== expected ? lookAs(actual.kind, address, signal) : found;
  }
  const server = engineServer("The server", address);
  const answerer = await identify(server, signal);
  if (answerer.type === "engine") return lookAs(answerer.kind, address, signal);
  const probe = await probeEngine(server, async (within) => void (await server.get("/v1/models", within)), signal);
  return { origin: server.origin, name: server.name, probe };
}

async function lookAs(kind: ServedKind, address: EngineAddress, signal: AbortSignal): Promise<Found> {
  const engine = await createEngine(kind, address);
  return { origin: engine.origin, name: engine.name, probe: await engine.probe(signal), engine };
}

/** Why an engine is no use now, in a sentence; nothing where it is ready. */
export function whyNot({ name, probe }: Found): string | undefined {
  switch (probe.type) {
    case "ready":
      return undefined;
    case "loading":
      return `${name} is still loading its model.`;
    case "down":
    case "refused":
      return probe.failure.message;
    case "other":
      return `${name}: what answers there is ${probe.what}.`;
    case "unknown":
      return `${name}: it is not known whether it is well: ${probe.why}`;
  }
}

/** What was asked of an engine, or the sentence that says why it failed. */
export async function orSentence<Value>(
  engine: Engine,
  asked: Promise<Value>,
): Promise<{ readonly value: Value } | { readonly sentence: string }> {
  try {
    return { value: await asked };
  } catch (error) {
    return { sentence: failureOf(error, engine.name, 0).message };
  }
}
