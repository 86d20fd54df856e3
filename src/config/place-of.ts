import { MassgenError } from "../core/errors.ts";
import { claudeCode } from "../models/backends/claude-code/claude-code.ts";
import { backends, isCloudType } from "../models/backends/backends.ts";
import { normalizeBaseUrl } from "./base-url.ts";
import { ADDRESSES_OF_FILES, type Environment } from "./interpolate.ts";
import { secretsAmong } from "./keys.ts";
import { addressOf } from "./local-servers.ts";
import type { BackendConfig } from "./schema.ts";

/** Where the server of a backend is, and the key that a config or a variable names for it. */
export interface ServerPlace {
  readonly baseUrl: string;
  readonly ownKey: string | undefined;
}

interface Elsewhere {
  readonly variable: string;
  readonly root: string;
  readonly keys: readonly string[];
}

/** The variable by which people send all requests for a cloud to another address. */
function elsewhereOf({ type }: BackendConfig): Elsewhere | undefined {
  if (!isCloudType(type) && type !== "claude_code") return undefined;
  const { addressVariable, root, variables } = type === "claude_code" ? claudeCode : backends[type];
  return addressVariable === undefined ? undefined : { variable: addressVariable, root, keys: variables };
}

/** The address of a config, unless it is the cloud's own: that says no more than the type does, but beside a key it says where that goes. */
function otherAddress({ base_url: baseUrl, ...backend }: BackendConfig, key: string | undefined): string | undefined {
  if (baseUrl === undefined) return undefined;
  const isClouds = new URL(baseUrl).host === new URL(addressOf(backend)).host;
  return isClouds && !hasOwnKey(backend, key) ? undefined : baseUrl;
}

function hasOwnKey({ api_key: own = "" }: BackendConfig, key: string | undefined): boolean {
  return own !== key && secretsAmong([own]).length > 0;
}

/**
 * Who sets such a variable (`OPENAI_BASE_URL`, `ANTHROPIC_BASE_URL`, …) means that the key of that cloud belongs to that host. A run that is
 * resumed names it as its own address.
 * @throws MassgenError `config` where that variable is needed and holds no address, or where it would send a config's key where a `.env` file says
 */
export function placeOf(backend: BackendConfig, environment: Environment): ServerPlace {
  const { api_key: ownKey } = backend;
  const moved = movedTo(backend, environment);
  if (moved === undefined) return { baseUrl: addressOf(backend), ownKey };
  const { variable, key, url, isNamed } = moved;
  if (!isNamed && isOfFile(variable, environment) && hasOwnKey(backend, key)) throw sentByFile(variable, url);
  return { baseUrl: url, ownKey: ownKey ?? key };
}

interface Moved {
  readonly variable: string;
  readonly key: string | undefined;
  readonly url: string;
  /** Whether the config names that very address itself. */
  readonly isNamed: boolean;
}

function movedTo(backend: BackendConfig, environment: Environment): Moved | undefined {
  const elsewhere = elsewhereOf(backend);
  const address = elsewhere === undefined ? "" : (environment[elsewhere.variable]?.trim() ?? "");
  if (elsewhere === undefined || address === "") return undefined;
  const { variable, root, keys } = elsewhere;
  const key = firstSet(keys, environment);
  const found = normalizeBaseUrl(address, root);
  const other = otherAddress(backend, key);
  if (other !== undefined) return found.type === "url" && found.url === other ? { variable, key, url: other, isNamed: true } : undefined;
  if (found.type === "invalid") throw new MassgenError("config", `The variable ${variable} ${found.why}.`);
  return { variable, key, url: found.url, isNamed: false };
}

function firstSet(variables: readonly string[], environment: Environment): string | undefined {
  return variables.map((name) => environment[name]).find((value = "") => value.trim() !== "");
}

function isOfFile(variable: string, environment: Environment): boolean {
  return environment[ADDRESSES_OF_FILES]?.includes(variable) === true;
}

/** A `.env` may lie in a folder that somebody else made; a config that was named says for itself where its key goes. */
function sentByFile(variable: string, address: string): MassgenError {
  return new MassgenError(
    "config",
    `A .env file sends requests to ${new URL(address).host} (${variable}), and the api_key of the config is not for there.`,
    { hint: "Put base_url beside api_key, or set the variable in the environment itself." },
  );
}
