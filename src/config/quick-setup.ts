import { backendOfModelName } from "../models/catalogue/backend-of-model-name.ts";
import { MassgenError } from "../core/errors.ts";
import { type BackendType, isBackendType, isServedKind, whyNoBackend } from "./backend-names.ts";
import { normalizeBaseUrl, OPENAI_BASE_URL, reachOf } from "./base-url.ts";
import { backends, isCloudType } from "../models/backends/backends.ts";
import { claudeCode } from "../models/backends/claude-code/claude-code.ts";
import { defaultAddress } from "../models/engines/served-engines.ts";
import { namesModelFile } from "./model-file.ts";
import type { AgentConfig, BackendConfig } from "./schema.ts";
import { temperament } from "./temperaments.ts";

/** A council from flags alone. */
export interface QuickSetup {
  readonly backend?: BackendType;
  readonly model?: string;
  readonly baseUrl?: string;
  readonly systemMessage?: string;
  /** 1 by default. */
  readonly agents?: number;
  /** Of the run; how several agents sample derives from it. */
  readonly seed: number;
}

/**
 * The agents that flags ask for, `agent1` and so on; undefined where they leave the choice of a server open (`chooseCouncil`).
 * @throws MassgenError `usage` for an address that is none, `config` for a model of a cloud this version cannot reach
 */
export function quickAgents(quick: QuickSetup): readonly AgentConfig[] | undefined {
  const backend = quickBackend(quick);
  return backend === undefined
    ? undefined
    : agentsOn([backend], { count: 1, ...(quick.agents !== undefined && { count: quick.agents }), ...quick });
}

/** As many agents, on the backends in turn; on this machine several of them differ in how they sample. Clouds may refuse such fields. */
export function agentsOn(
  backends: readonly BackendConfig[],
  { count, seed, systemMessage }: { readonly count: number; readonly seed: number; readonly systemMessage?: string },
): readonly AgentConfig[] {
  const differ = ({ type, base_url: baseUrl }: BackendConfig): boolean =>
    count > 1 && type !== "claude_code" && (baseUrl === undefined ? !isCloudType(type) : reachOf(baseUrl) !== "public");
  return Array.from({ length: count }, (_, place) => place).flatMap((place): readonly AgentConfig[] => {
    const backend = backends[place % backends.length];
    if (backend === undefined) return [];
    return [
      {
        id: `agent${place + 1}`,
        ...(systemMessage !== undefined && { system_message: systemMessage }),
        backend: { ...backend, ...(differ(backend) && temperament(place, seed)) },
      },
    ];
  });
}

/** The backend that flags ask for, or that the name of the model tells; undefined where neither does. Throws as `quickAgents`. */
export function quickBackend({ backend, model, baseUrl }: Omit<QuickSetup, "seed">): BackendConfig | undefined {
  const type = backend ?? typeOf(model, baseUrl);
  if (type === undefined) return undefined;
  if (type === "ai_sdk") throw new MassgenError("usage", "The ai_sdk backend needs the name of a package, which only a config can give.");
  if (type === "embedded" || type === "local") {
    if (baseUrl !== undefined) throw new MassgenError("usage", `The ${type} backend has no address: --base-url means nothing to it.`);
    return { type, ...(model !== undefined && { model }) };
  }
  const address = addressOf(type, baseUrl);
  return { type, ...(model !== undefined && { model }), ...(address !== undefined && { base_url: address }) };
}

function typeOf(model: string | undefined, baseUrl: string | undefined): BackendType | undefined {
  if (baseUrl !== undefined) return "chatcompletion";
  if (model === undefined) return undefined;
  if (namesModelFile(model)) return "embedded";
  const cloud = backendOfModelName(model);
  if (cloud === undefined || isBackendType(cloud)) return cloud;
  throw new MassgenError("config", `The model "${model}": ${whyNoBackend(cloud) ?? ""}.`, {
    hint: "Its maker's OpenAI-compatible address works: --backend chatcompletion --base-url URL.",
  });
}

function rootOf(type: BackendType): string | undefined {
  if (type === "claude_code") return claudeCode.root;
  return isCloudType(type) ? backends[type].root : undefined;
}

/** Nothing for clouds, whose address a variable may name. */
function addressOf(type: Exclude<BackendType, "embedded" | "local">, baseUrl: string | undefined): string | undefined {
  if (baseUrl === undefined) {
    if (isServedKind(type)) return `${defaultAddress(type)}/v1`;
    return isCloudType(type) || type === "claude_code" ? undefined : OPENAI_BASE_URL;
  }
  const address = normalizeBaseUrl(baseUrl, rootOf(type));
  if (address.type === "url") return address.url;
  throw new MassgenError("usage", `--base-url ${address.why}.`);
}
