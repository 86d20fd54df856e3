import type { JSONObject } from "@ai-sdk/provider";
import { withoutUndefined } from "../core/without-undefined.ts";
import type { CloudOptions } from "../models/backends/backend.ts";
import { backends, type CloudType } from "../models/backends/backends.ts";
import { experienceKey } from "../models/experience-store.ts";
import { acceptsOf } from "./accepts-of.ts";
import { type BuiltSeat, samplingOf, seatOf, type Surroundings } from "./council.ts";
import { fittedToModel } from "./fitted-to-model.ts";
import { keyedPlace } from "./keyed-place.ts";
import type { AgentConfig, BackendConfig } from "./schema.ts";

/** Seats an agent on a cloud. Nothing is asked. Throws `MassgenError("config")` where its key is missing. */
export async function cloudSeat(agent: AgentConfig, { environment, experience }: Surroundings): Promise<BuiltSeat> {
  const { backend } = agent;
  const descriptor = backends[backend.type as CloudType];
  const named = backend.model ?? descriptor.model;
  const { model, backend: taken, notices } = fittedToModel(agent, named);
  const { baseUrl, key, ...keyed } = keyedPlace(agent, environment);
  const councilModel = await descriptor.create({
    ...withoutUndefined<Pick<CloudOptions, "accepts" | "apiKey" | "body" | "contextTokens" | "parallel">>({
      accepts: acceptsOf(backend),
      apiKey: key,
      body: taken.extra_body as JSONObject | undefined,
      contextTokens: backend.context_length,
      parallel: backend.parallel,
    }),
    model,
    baseUrl,
    fields: taken.fields ?? {},
    sampling: samplingOf(taken),
    search: backend.enable_web_search === true,
    code: runsCode(backend),
    experience: experience(experienceKey(descriptor.type, new URL(baseUrl).origin, model)),
  });
  return {
    seat: seatOf(agent, councilModel),
    backend: { ...backend, base_url: baseUrl, model: named },
    secrets: keyed.secrets,
    notices: [...keyed.notices, ...notices],
  };
}

/** By whichever of its names. */
function runsCode({ enable_code_execution: execution, enable_code_interpreter: interpreter }: BackendConfig): boolean {
  return execution === true || interpreter === true;
}
