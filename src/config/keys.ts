import type { Environment } from "./interpolate.ts";
import { reachOf } from "./base-url.ts";
import { knownCloudAt, knownClouds } from "./known-clouds.ts";

/** Keys of clouds that may lie in an environment. */
const cloudVariables = [...new Set(knownClouds.flatMap(({ variables }) => variables))];

const LM_STUDIO_VARIABLE = "LM_API_TOKEN";
const LM_STUDIO_PLACEHOLDER = "lm-studio";

/** What people write where a local server wants some key, whichever. */
const placeholders = new Set([
  LM_STUDIO_PLACEHOLDER,
  "empty",
  "none",
  "null",
  "dummy",
  "test",
  "ollama",
  "not-needed",
  "no-key",
  "sk-no-key-required",
  "x",
]);

/** Leaves out what is no secret: placeholders and nothing at all. */
export function secretsAmong(values: readonly string[]): readonly string[] {
  return [...new Set(values)].filter((value) => value.trim() !== "" && !placeholders.has(value.toLowerCase()));
}

/** The key for a server, and what a person should hear about it. */
export interface KeyFound {
  readonly key?: string;
  /** The variable that should hold the key and does not. */
  readonly missing?: string;
  readonly warning?: string;
}

/** Finds the key for exactly the host of `baseUrl`: the configured one, else the variable that belongs to that host. */
export function findKey(baseUrl: string, configured: string | undefined, environment: Environment, lmStudio: boolean): KeyFound {
  const { protocol, host } = new URL(baseUrl);
  const names = variablesOf(baseUrl, lmStudio && reachOf(baseUrl) === "loopback");
  const key = firstText(configured, ...names.map((name) => environment[name]));
  if (key === undefined) return lmStudio ? { key: LM_STUDIO_PLACEHOLDER } : { ...(names.length > 0 && { missing: names.join(" or ") }) };
  const exposed = protocol === "http:" && reachOf(baseUrl) === "public" && secretsAmong([key]).length > 0;
  return {
    key,
    ...(exposed && { warning: `The key for ${host} travels unencrypted: its address begins with http:// instead of https://.` }),
  };
}

function firstText(...texts: readonly (string | undefined)[]): string | undefined {
  return texts.map((text) => text?.trim()).find((text) => text !== undefined && text !== "");
}

/** The first that is set counts. A key goes to its own host and to no other. */
function variablesOf(baseUrl: string, localLmStudio: boolean): readonly string[] {
  return localLmStudio ? [LM_STUDIO_VARIABLE] : (knownCloudAt(baseUrl)?.variables ?? []);
}

/** The variables with keys of clouds that are set. */
export function cloudKeysIn(environment: Environment): readonly string[] {
  return cloudVariables.filter((name) => (environment[name] ?? "").trim() !== "");
}

/** The hosts a variable holds the key of; none for clouds that this version cannot reach. */
export function hostsOf(variable: string): readonly string[] {
  return knownClouds.flatMap(({ variables, hosts }) => (variables.includes(variable) ? hosts : []));
}

export function isLmStudioTokenSet(environment: Environment): boolean {
  return (environment[LM_STUDIO_VARIABLE] ?? "").trim() !== "";
}

/** What is in the variables that hold keys: to be kept out of everything that is shown. */
export function keysIn(environment: Environment): readonly string[] {
  return [...cloudVariables, LM_STUDIO_VARIABLE].flatMap((name) => environment[name] ?? []).filter((value) => value.trim() !== "");
}
