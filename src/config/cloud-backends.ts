import { backends, cloudTypes } from "../models/backends/backends.ts";
import { chatProviders } from "../models/backends/chatcompletion/providers.ts";
import type { Environment } from "./interpolate.ts";
import type { BackendConfig } from "./schema.ts";

/** A provider of models, as a council without a config would use it. */
export interface CloudBackend {
  /** That holds its key. */
  readonly variable: string;
  readonly backend: BackendConfig;
}

interface Cloud {
  /** The first that is set holds the key. */
  readonly variables: readonly string[];
  readonly backend: BackendConfig;
}

/** One model each, not the dearest. */
export const clouds: readonly Cloud[] = [
  ...cloudTypes.map((type): Cloud => ({ variables: backends[type].variables, backend: { type, model: backends[type].model } })),
  ...chatProviders.map(({ variables, model, baseUrl }): Cloud => ({
    variables,
    backend: { type: "chatcompletion", model, base_url: baseUrl },
  })),
];

/** The clouds whose keys are set. */
export function cloudBackends(environment: Environment): readonly CloudBackend[] {
  return clouds.flatMap(({ variables, backend }) => {
    const variable = variables.find((name) => (environment[name] ?? "").trim() !== "");
    return variable === undefined ? [] : [{ variable, backend }];
  });
}
