import { MassgenError } from "../core/errors.ts";
import { normalizeBaseUrl } from "./base-url.ts";
import type { Environment } from "./interpolate.ts";
import { addressOf } from "./local-servers.ts";
import type { BackendConfig } from "./schema.ts";

/** Where the server of a backend is, and the key that a config or a variable names for it. */
export interface ServerPlace {
  readonly baseUrl: string;
  readonly ownKey: string | undefined;
}

/**
 * Who sets OPENAI_BASE_URL means that OPENAI_API_KEY belongs to that host. A run that is resumed names it as its own address.
 * @throws MassgenError `config` where that variable is needed and holds no address
 */
export function placeOf(backend: BackendConfig, environment: Environment): ServerPlace {
  const own = { baseUrl: addressOf(backend), ownKey: backend.api_key };
  const address = backend.type === "openai" ? (environment["OPENAI_BASE_URL"]?.trim() ?? "") : "";
  if (address === "") return own;
  const elsewhere = normalizeBaseUrl(address);
  if (backend.base_url !== undefined && (elsewhere.type === "invalid" || elsewhere.url !== backend.base_url)) return own;
  if (elsewhere.type === "invalid") throw new MassgenError("config", `The variable OPENAI_BASE_URL ${elsewhere.why}.`);
  return { baseUrl: elsewhere.url, ownKey: backend.api_key ?? environment["OPENAI_API_KEY"] };
}
