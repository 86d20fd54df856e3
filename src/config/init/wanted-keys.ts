import { backends, isCloudType } from "../../models/backends/backends.ts";
import type { Environment } from "../interpolate.ts";
import { knownCloudAt } from "../known-clouds.ts";
import type { BackendConfig } from "../schema.ts";

/** A variable that is to hold a key, and the backend that takes it. */
export interface WantedKey {
  readonly variable: string;
  readonly backend: BackendConfig;
}

/** The keys that these backends need and the environment does not have, each once. */
export function wantedKeys(seats: readonly BackendConfig[], environment: Environment): readonly WantedKey[] {
  const wanted = seats.flatMap((backend): readonly WantedKey[] => {
    const variables = variablesOf(backend);
    const [variable] = variables;
    const isSet = variables.some((name) => (environment[name] ?? "").trim() !== "");
    return variable === undefined || isSet ? [] : [{ variable, backend }];
  });
  return wanted.filter(({ variable }, place) => wanted.findIndex((other) => other.variable === variable) === place);
}

/** The first that is set holds the key; none where the config says it itself, or nobody knows. */
function variablesOf({ type, base_url: baseUrl, api_key: ownKey }: BackendConfig): readonly string[] {
  if (ownKey !== undefined) return [];
  if (isCloudType(type)) return baseUrl === undefined ? backends[type].variables : [];
  return baseUrl === undefined ? [] : (knownCloudAt(baseUrl)?.variables ?? []);
}
