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

/**
 * Who sets such a variable (`OPENAI_BASE_URL`, `ANTHROPIC_BASE_URL`, …) means that the key of that cloud belongs to that host. A run that is
 * resumed names it as its own address.
 * @throws MassgenError `config` where that variable is needed and holds no address, or where it would send a config's key where a `.env` file says
 */
export function placeOf(backend: BackendConfig, environment: Environment): ServerPlace {
  const own = { baseUrl: addressOf(backend), ownKey: backend.api_key };
  const elsewhere = elsewhereOf(backend);
  const address = elsewhere === undefined ? "" : (environment[elsewhere.variable]?.trim() ?? "");
  if (elsewhere === undefined || address === "") return own;
  const found = normalizeBaseUrl(address, elsewhere.root);
  if (backend.base_url !== undefined && (found.type === "invalid" || found.url !== backend.base_url)) return own;
  if (found.type === "invalid") throw new MassgenError("config", `The variable ${elsewhere.variable} ${found.why}.`);
  const key = elsewhere.keys.map((name) => environment[name]).find((value = "") => value.trim() !== "");
  if (isOfFile(elsewhere.variable, environment)) checkKey(backend, key, elsewhere.variable, found.url);
  return { baseUrl: found.url, ownKey: backend.api_key ?? key };
}

function isOfFile(variable: string, environment: Environment): boolean {
  return environment[ADDRESSES_OF_FILES]?.includes(variable) === true;
}

/** A `.env` may lie in a folder that somebody else made; a config that was named says for itself where its key goes. */
function checkKey(
  { api_key: own = "", base_url: baseUrl }: BackendConfig,
  key: string | undefined,
  variable: string,
  address: string,
): void {
  if (baseUrl !== undefined || own === key || secretsAmong([own]).length === 0) return;
  throw new MassgenError(
    "config",
    `A .env file sends requests to ${new URL(address).host} (${variable}), and the api_key of the config is not for there.`,
    { hint: "Put base_url beside api_key, or set the variable in the environment itself." },
  );
}
