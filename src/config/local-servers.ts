import { defaultAddress, type ServedEngine, servedEngines } from "../models/engines/served-engines.ts";
import { claudeCode } from "../models/backends/claude-code/claude-code.ts";
import { backends, isCloudType } from "../models/backends/backends.ts";
import { MassgenError } from "../core/errors.ts";
import { isServedKind } from "./backend-names.ts";
import { OPENAI_BASE_URL, reachOf } from "./base-url.ts";
import { nameOf } from "./council.ts";
import type { AgentConfig, BackendConfig } from "./schema.ts";

/** Where the server of a backend is. */
export function addressOf({ base_url: baseUrl, type }: BackendConfig): string {
  if (baseUrl !== undefined) return baseUrl;
  if (isCloudType(type)) return backends[type].baseUrl;
  if (type === "claude_code") return claudeCode.baseUrl;
  return isServedKind(type) ? `${defaultAddress(type)}/v1` : OPENAI_BASE_URL;
}

/** How to start what should listen at `baseUrl`: the engine that is meant, else the one whose usual port it is. */
export function startHint(baseUrl: string, meant?: ServedEngine): string {
  const here = reachOf(baseUrl) === "loopback";
  const engine = here ? (meant ?? Object.values(servedEngines).find(({ port }) => String(port) === new URL(baseUrl).port)) : undefined;
  if (engine === undefined) return "Start the server, or correct its address (base_url).";
  return `Start it (${engine.title}: ${engine.start}), or correct its address (base_url).`;
}

interface Refused {
  readonly agent: AgentConfig;
  readonly baseUrl: string;
  /** Why it could not be started, where that was tried, or why no waiting helps. */
  readonly why?: string | undefined;
}

/** One sentence for all agents whose servers of this machine do not run. */
export function notRunning(refused: readonly Refused[]): MassgenError {
  const addresses = [...new Set(refused.map(({ baseUrl }) => baseUrl))];
  const parts = addresses.map((address) => {
    const names = refused.filter(({ baseUrl }) => baseUrl === address).map(({ agent }) => nameOf(agent));
    return `${new URL(address).origin} (${names.join(", ")})`;
  });
  const hints = addresses.map(
    (address) =>
      refused.find(({ baseUrl, why }) => baseUrl === address && why !== undefined)?.why ?? startHint(address, meantAt(address, refused)),
  );
  const hint = hints.length === 1 ? hints[0] : hints.map((each, place) => `${new URL(addresses[place] ?? "").origin}: ${each}`).join("\n");
  return new MassgenError("config", `No server answers at ${parts.join(", at ")}.`, { ...(hint !== undefined && { hint }) });
}

function meantAt(address: string, refused: readonly Refused[]): ServedEngine | undefined {
  const types = refused.filter(({ baseUrl }) => baseUrl === address).map(({ agent }) => agent.backend.type);
  const kind = types.find(isServedKind);
  return kind === undefined ? undefined : servedEngines[kind];
}
