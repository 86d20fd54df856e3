import type { Failure } from "../../core/facts/outcome.ts";
import { probeServer } from "../../models/backends/chatcompletion/probe-server.ts";
import type { Engine, EngineModel, Probe } from "../../models/engines/engine.ts";
import { servedEngines } from "../../models/engines/served-engines.ts";
import { backends, type CloudType, isCloudType } from "../../models/backends/backends.ts";
import { listModels, type ListingOptions } from "../../models/backends/list-models.ts";
import { failureOf } from "../../models/failure-of.ts";
import { type BackendType, isServedKind } from "../backend-names.ts";
import { lookAtAddress } from "../look-at-address.ts";
import type { State } from "./check.ts";

/** What a server said, or why it said nothing. */
export type Answer =
  | { readonly type: "ready"; readonly version?: string; readonly models: readonly EngineModel[]; readonly engine?: Engine }
  | { readonly type: Exclude<State, "ready">; readonly why: string };

export interface Server {
  readonly type: BackendType;
  readonly baseUrl: string;
  readonly apiKey?: string;
}

/** Asks a server what it is and has; never throws, spends no token. */
export async function askBackend({ type, baseUrl, apiKey }: Server, timeoutMs: number, signal: AbortSignal): Promise<Answer> {
  const key = apiKey === undefined ? {} : { apiKey };
  if (isCloudType(type)) return askCloud(type, { baseUrl, ...key, timeoutMs }, signal);
  if (!isServedKind(type)) {
    const answer = await probeServer(baseUrl, { ...key, timeoutMs }, signal);
    return "models" in answer ? { type: "ready", models: answer.models.map(({ id }) => ({ id })) } : answerOf(answer);
  }
  const { probe, engine } = await lookAtAddress({ baseUrl, ...key }, type, signal);
  if (engine === undefined || probe.type !== "ready") return notReady(probe);
  if (engine.kind !== type) return { type: "other", why: `what answers there is ${servedTitle(engine)}` };
  try {
    return { ...probe, models: await engine.models(signal), engine };
  } catch (error) {
    return answerOf(failureOf(error, engine.name, 0));
  }
}

/** Its list of models says whether a cloud can be reached and takes the key; some gateways have none. */
async function askCloud(type: CloudType, options: ListingOptions, signal: AbortSignal): Promise<Answer> {
  try {
    const models = await listModels(backends[type], options, signal);
    return { type: "ready", models: models.map((id) => ({ id })) };
  } catch (error) {
    const failure = failureOf(error, options.baseUrl, 0);
    return failure.status === 404 ? { type: "ready", models: [] } : answerOf(failure);
  }
}

function servedTitle({ kind, name }: Engine): string {
  return kind === "embedded" ? name : servedEngines[kind].title;
}

function notReady(probe: Probe): Answer {
  switch (probe.type) {
    case "down":
    case "refused":
      return { type: probe.type, why: probe.failure.message };
    case "unknown":
      return { type: "unknown", why: probe.why };
    case "loading":
      return { type: "loading", why: "it is still loading its model" };
    case "other":
    case "ready":
      return { type: "other", why: `what answers there is ${probe.type === "other" ? probe.what : "another engine"}` };
  }
}

const states: Readonly<Partial<Record<Failure["kind"], Exclude<State, "ready">>>> = {
  "not-running": "down",
  connection: "down",
  auth: "refused",
  loading: "loading",
  timeout: "unknown",
  "rate-limited": "unknown",
  overloaded: "unknown",
};

function answerOf({ kind, message }: Failure): Answer {
  return { type: states[kind] ?? "other", why: message };
}
