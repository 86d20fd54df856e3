import { MassgenError } from "../core/errors.ts";
import { nameOf } from "./council.ts";
import type { Environment } from "./interpolate.ts";
import { findKey, secretsAmong } from "./keys.ts";
import { placeOf } from "./place-of.ts";
import type { AgentConfig } from "./schema.ts";

/** Where an agent's server is, with the key that belongs to it. */
export interface KeyedPlace {
  readonly baseUrl: string;
  readonly key?: string;
  readonly secrets: readonly string[];
  readonly notices: readonly string[];
}

/** Throws `MassgenError("config")` where the key of a known cloud is missing. */
export function keyedPlace(agent: AgentConfig, environment: Environment): KeyedPlace {
  const { baseUrl, ownKey } = placeOf(agent.backend, environment);
  const { key, missing, warning } = findKey(baseUrl, ownKey, environment, false);
  if (missing !== undefined) {
    throw new MassgenError("config", `There is no key for ${new URL(baseUrl).host}, which ${nameOf(agent)} uses.`, {
      hint: `Set the variable ${missing}, or api_key in the config.`,
    });
  }
  return {
    baseUrl,
    ...(key !== undefined && { key }),
    secrets: secretsAmong(key === undefined ? [] : [key]),
    notices: warning === undefined ? [] : [warning],
  };
}
