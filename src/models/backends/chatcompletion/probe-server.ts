import type { Failure } from "../../../core/facts/outcome.ts";
import { failureOf } from "../../failure-of.ts";
import { answeredBadly, askServer } from "../../http/ask-server.ts";
import { normaliseBaseUrl } from "./base-url.ts";
import { isJson, type Json } from "./wire.ts";

export type ServerKind = "llamacpp" | "vllm" | "lmstudio" | "ollama" | "openai-compatible";

export interface ServedModel {
  readonly id: string;
  /** Tokens of prompt and output of one call together, where the server tells. */
  readonly contextTokens?: number;
  /** Whether it reads images, where the server tells. */
  readonly vision?: boolean;
}

/** What a server says about itself without spending a token. */
export interface ServerProbe {
  readonly kind: ServerKind;
  readonly models: readonly ServedModel[];
  /** Calls it works on at once, where it tells. */
  readonly slots?: number;
}

export interface ProbeOptions {
  readonly apiKey?: string;
  /** For each question asked; 500 by default. */
  readonly timeoutMs?: number;
}

/**
 * Asks an OpenAI-compatible server for its models and tells what kind it is by what it answers: some answer 200 to everything.
 * @param baseUrl the address up to and with `/v1`
 */
export async function probeServer(baseUrl: string, options: ProbeOptions, signal: AbortSignal): Promise<ServerProbe | Failure> {
  const base = normaliseBaseUrl(baseUrl);
  const { apiKey, timeoutMs = 500 } = options;
  const get = async (url: string): Promise<unknown> => askServer(url, { apiKey, timeoutMs }, signal);
  try {
    const list = await get(`${base}/models`);
    const entries = isJson(list) && Array.isArray(list.data) ? list.data.filter(isJson) : undefined;
    if (entries === undefined) throw answeredBadly(`${base}/models`, list);
    const models = entries.flatMap(servedModel);
    const kind = kindOf(entries) ?? (await askKind(base, get));
    if (kind === "llamacpp") {
      const props = await quietly(get(`${rootOf(base)}/props`));
      return { kind, ...withProps(models, isJson(props) ? props : {}) };
    }
    return { kind, models: kind === "lmstudio" ? await withOwnList(models, quietly(get(`${rootOf(base)}/api/v0/models`))) : models };
  } catch (error) {
    return failureOf(error, base, 0);
  }
}

function kindOf(entries: readonly Json[]): ServerKind | undefined {
  if (entries.some((entry) => entry.owned_by === "llamacpp")) return "llamacpp";
  return entries.some((entry) => entry.owned_by === "vllm") ? "vllm" : undefined;
}

/** Two engines show themselves only on paths of their own; nobody is asked for those over https, where clouds are. */
async function askKind(base: string, get: (url: string) => Promise<unknown>): Promise<ServerKind> {
  if (!base.startsWith("http:")) return "openai-compatible";
  const root = rootOf(base);
  const [greeting, version] = await Promise.all([quietly(get(`${root}/lmstudio-greeting`)), quietly(get(`${root}/api/version`))]);
  if (isJson(greeting) && greeting.lmstudio === true) return "lmstudio";
  return isJson(version) && typeof version.version === "string" ? "ollama" : "openai-compatible";
}

function servedModel(entry: Json): readonly ServedModel[] {
  if (typeof entry.id !== "string") return [];
  const contextTokens = contextOf(entry);
  return [{ id: entry.id, ...(contextTokens === undefined ? {} : { contextTokens }) }];
}

function contextOf(entry: Json): number | undefined {
  const meta = isJson(entry.meta) ? entry.meta.n_ctx : undefined;
  return [entry.loaded_context_length, meta, entry.max_model_len, entry.context_length, entry.max_context_length]
    .map(positive)
    .find((tokens) => tokens !== undefined);
}

/** LM Studio tells what sees, and the context of what is loaded, on a path of its own; what is not loaded yet will get a default nobody knows. */
async function withOwnList(models: readonly ServedModel[], asked: Promise<unknown>): Promise<readonly ServedModel[]> {
  const list = await asked;
  const entries = isJson(list) && Array.isArray(list.data) ? list.data.filter(isJson) : [];
  return models.map((model) => {
    const entry = entries.find(({ id }) => id === model.id);
    const contextTokens = positive(entry?.loaded_context_length);
    const seeing = typeof entry?.type === "string" ? { vision: entry.type === "vlm" } : {};
    return { ...model, ...seeing, ...(contextTokens === undefined ? {} : { contextTokens }) };
  });
}

/** `llama-server` tells its slots, and whether its model sees, beside the list. */
function withProps(models: readonly ServedModel[], props: Json): Pick<ServerProbe, "models" | "slots"> {
  const slots = positive(props.total_slots);
  const { vision } = isJson(props.modalities) ? props.modalities : {};
  return {
    models: typeof vision === "boolean" ? models.map((model) => ({ ...model, vision })) : models,
    ...(slots === undefined ? {} : { slots }),
  };
}

function positive(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : undefined;
}

/** What a server offers besides the OpenAI paths stands next to `/v1`. */
function rootOf(base: string): string {
  return base.replace(/\/v1$/u, "");
}

async function quietly(asked: Promise<unknown>): Promise<unknown> {
  try {
    return await asked;
  } catch {
    return undefined;
  }
}
