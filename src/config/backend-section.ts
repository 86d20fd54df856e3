import { backendOfModelName } from "../models/catalogue/backend-of-model-name.ts";
import { claudeCode } from "../models/backends/claude-code/claude-code.ts";
import { type BackendType, backendTypes, isBackendType, isServedKind, normalizeBackendName, whyNoBackend } from "./backend-names.ts";
import { checkKeys, checkShape, type Section } from "./diagnostics.ts";
import { normalizeBaseUrl } from "./base-url.ts";
import { isMapping } from "./interpolate.ts";
import { ownFieldSchemas } from "./own-fields.ts";
import type { JSONObject } from "@ai-sdk/provider";
import type { Backend, Given } from "../models/backends/backend.ts";
import { backends, cloudTypes, isCloudType } from "../models/backends/backends.ts";
import { type BackendConfig, backendSchema } from "./schema.ts";

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Fields of the request body that engines and providers know: they are passed on, and a slip of the pen in one is found. */
const providerFields = words(`
  min_p typical_p top_a n_predict repeat_penalty repetition_penalty presence_penalty frequency_penalty mirostat
  stop logit_bias logprobs reasoning reasoning_effort reasoning_format thinking text verbosity user
  max_completion_tokens service_tier provider provider_name chat_template_kwargs cache_prompt id_slot
  metadata parallel_tool_calls enable_thinking thinking_budget_tokens grammar samplers timeout store
`);

/** Switches of other backends of MassGen. They mean nothing to these, and a server would refuse them. */
const foreignSwitches = words(`
  cwd permission_mode allowed_tools disallowed_tools append_system_prompt system_prompt max_thinking_tokens max_turns
`);

/** What is read with the agent (`mcp-section.ts`). */
const agentFields = ["mcp_servers", "exclude_tools"];

/** What only engines with a server of their own know; to any other server `ttl` and `keep_alive` are fields of a request. */
const engineFields = new Set(["autostart", "autoload", "autopull", "ttl", "keep_alive", "max_loaded_models"]);

/** Claude Code decides by itself how it samples, and how many of it run is one number for all. */
const samplers = backendTypes.filter((type) => type !== "claude_code");

/** Settings that mean something to these backends alone. */
const onlyFor: Readonly<Record<string, readonly BackendType[]>> = {
  autostart: ["lmstudio", "local"],
  autoload: ["lmstudio", "ollama", "llamacpp", "local"],
  autopull: ["lmstudio", "ollama", "local"],
  ttl: ["lmstudio", "ollama", "local"],
  keep_alive: ["lmstudio", "ollama", "local"],
  max_loaded_models: ["lmstudio", "ollama", "llamacpp", "local"],
  threads: ["embedded", "local"],
  accepts: backendTypes.filter((type) => type !== "embedded" && type !== "claude_code"),
  temperature: samplers,
  top_p: samplers,
  top_k: samplers,
  seed: samplers,
  parallel: samplers,
  base_url: backendTypes.filter((type) => type !== "embedded" && type !== "local"),
  api_key: backendTypes.filter((type) => type !== "embedded"),
  extra_body: backendTypes.filter((type) => type !== "embedded"),
  enable_web_search: having("search"),
  enable_code_execution: having("code"),
  enable_code_interpreter: having("code"),
};

/** Claude Code has both unless they are switched off. */
function having(tool: "search" | "code"): readonly BackendType[] {
  return ["claude_code", ...cloudTypes.filter((type) => backends[type].ownTools[tool] !== undefined)];
}

/** Engines that load a model by themselves when a request names it. */
const loadOnRequest: ReadonlySet<string> = new Set(["ollama", "llamacpp"]);

/** Fields that the protocol itself fills in. */
const ownFields = ["messages", "stream", "stream_options", "tools", "tool_choice", "response_format", "n"];

const schemaKeys = Object.keys(backendSchema.shape);
const knownKeys = [...schemaKeys, ...providerFields, ...foreignSwitches, ...ownFields, ...agentFields];

interface BackendSection extends Section {
  /** Whether the agent has servers of tools that are named elsewhere, or here. */
  readonly hasServers: boolean;
}

/** Reads one `backend:` section, reporting what is wrong with it. */
export function readBackend(value: unknown, section: BackendSection): BackendConfig | undefined {
  const { diagnostics, path, of } = section;
  if (!isMapping(value)) {
    diagnostics.error(path, value === undefined ? `backend${of} is missing.` : `backend${of} must be a mapping with type and model.`);
    return undefined;
  }
  const type = backendType(value, section);
  checkKeys(value, [...knownKeys, ...ownFieldsOf(type ?? "")], section, () => {});
  if (type === undefined) return undefined;
  const own = ownKeys(type).filter((key) => Object.hasOwn(value, key) && !isIgnored(key, value[key], type, section));
  const given = Object.fromEntries(own.map((key) => [key, value[key]]));
  const shaped = checkShape(backendSchema, { ...given, type }, section);
  const backend = shaped && withRoot(shaped, section);
  const fields = readOwnFields(type, value, section);
  if (backend === undefined || fields === undefined) return undefined;
  const body = {
    ...passedOn(value, type, section),
    ...withoutOwn(backend.extra_body ?? {}, { ...section, path: [...path, "extra_body"] }),
  };
  const { extra_body: _, ...rest } = backend;
  const taken = adapted({ search: backend.enable_web_search === true, body: body as JSONObject }, type, section);
  return {
    ...rest,
    ...(taken.search && { enable_web_search: true }),
    ...(Object.keys(fields).length > 0 && { fields }),
    ...(Object.keys(taken.body).length > 0 && { extra_body: taken.body }),
  };
}

/** What a cloud takes in another way than it is written; what it cannot take is reported. */
function adapted(given: Given, type: string, { diagnostics, path, of }: Section): Given {
  const backend: Backend | undefined = isCloudType(type) ? backends[type] : undefined;
  const taken = backend?.adapt?.(given);
  if (taken?.error !== undefined) diagnostics.error(path, `backend${of}: ${taken.error}.`);
  if (taken?.warning !== undefined) diagnostics.warn(path, `backend${of}: ${taken.warning}.`);
  return taken ?? given;
}

/** An address without a path means another root to each backend. */
function withRoot(backend: BackendConfig, { diagnostics, path, of }: Section): BackendConfig | undefined {
  const { base_url: written, ...rest } = backend;
  if (written === undefined) return backend;
  const address = normalizeBaseUrl(written, rootOf(backend.type));
  if (address.type === "url") return { ...rest, base_url: address.url };
  diagnostics.error([...path, "base_url"], `base_url${of} ${address.why}.`);
  return undefined;
}

function rootOf(type: BackendType): string | undefined {
  if (type === "ai_sdk") return "";
  if (type === "claude_code") return claudeCode.root;
  return isCloudType(type) ? backends[type].root : undefined;
}

function ownFieldsOf(type: string): readonly string[] {
  return Object.keys(ownFieldSchemas.get(type)?.shape ?? {});
}

/** The fields that only this backend knows, by its descriptor; undefined, and reported, where one is wrong. */
function readOwnFields(type: string, value: Readonly<Record<string, unknown>>, section: Section) {
  const schema = ownFieldSchemas.get(type);
  if (schema === undefined) return {};
  const given = ownFieldsOf(type).filter((key) => Object.hasOwn(value, key));
  if (type === "ai_sdk" && !namesPackage(value, section)) return undefined;
  return checkShape(schema, Object.fromEntries(given.map((key) => [key, value[key]])), section);
}

/** Whether it is said what of which package is meant: nothing stands in for either. */
function namesPackage({ package: name, model }: Readonly<Record<string, unknown>>, { diagnostics, path, of }: Section): boolean {
  if (name === undefined) diagnostics.error(path, `package${of} is missing: it names a provider of the AI SDK, such as @ai-sdk/groq.`);
  if (model === undefined) diagnostics.error(path, `model${of} is missing: a package has no model that it takes by itself.`);
  return name !== undefined && model !== undefined;
}

/** The type as named, or inferred as MassGen does; undefined, and reported, where this version has none such. */
function backendType(value: Readonly<Record<string, unknown>>, { diagnostics, path, of }: Section): string | undefined {
  const { type, model, base_url: baseUrl, package: packageName } = value;
  if (type !== undefined && typeof type !== "string") {
    diagnostics.error([...path, "type"], `type${of} must be text.`);
    return undefined;
  }
  const named =
    packageName !== undefined && type === undefined ? "ai_sdk" : type === undefined ? inferred(model, baseUrl) : normalizeBackendName(type);
  if (named === undefined) {
    diagnostics.error(path, `type${of} is missing, and nothing else tells which backend is meant: one of ${backendTypes.join(", ")}.`);
    return undefined;
  }
  const why = whyNoBackend(named);
  if (why === undefined) return named;
  diagnostics.error([...path, ...(type === undefined ? [] : ["type"])], `backend${of}: ${why}.`);
  return undefined;
}

function inferred(model: unknown, baseUrl: unknown): string | undefined {
  if (baseUrl !== undefined) return "chatcompletion";
  if (typeof model !== "string") return undefined;
  return model.endsWith(".gguf") ? "embedded" : backendOfModelName(model);
}

/** Whether a setting can do nothing for a backend, which is said unless it only switches something off. */
function isIgnored(key: string, field: unknown, type: string, { diagnostics, path, of }: Section): boolean {
  if (key === "autoload" && field === false && loadOnRequest.has(type)) {
    diagnostics.warn([...path, key], `autoload: false${of} cannot be held to: ${type} loads what it is asked for.`, "key");
  }
  const users: readonly string[] | undefined = onlyFor[key];
  if (users === undefined || users.includes(type)) return false;
  if (field !== false) diagnostics.warn([...path, key], `${key}${of} means nothing to ${type} and is ignored.`, "key");
  return true;
}

function ownKeys(type: string): readonly string[] {
  return type === "local" || (isBackendType(type) && isServedKind(type)) ? schemaKeys : schemaKeys.filter((key) => !engineFields.has(key));
}

/** Whether a field is read with the agent. */
function isAgents(key: string, backend: Readonly<Record<string, unknown>>, { hasServers }: BackendSection): boolean {
  return agentFields.includes(key) || (key === "allowed_tools" && (hasServers || backend["mcp_servers"] !== undefined));
}

/** What is no setting of ours goes into the request body, where there is one. */
function passedOn(value: Readonly<Record<string, unknown>>, type: string, section: BackendSection): Record<string, unknown> {
  const { diagnostics, path, of } = section;
  const body: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) {
    if (ownKeys(type).includes(key) || ownFieldsOf(type).includes(key) || section.later?.has(key) === true) continue;
    if (isAgents(key, value, section)) continue;
    if (foreignSwitches.includes(key) || /^auto|^max_loaded/u.test(key)) {
      if (field !== false) diagnostics.warn([...path, key], `${key}${of} means nothing to ${type} and is ignored.`, "key");
    } else if (type === "embedded") {
      diagnostics.warn([...path, key], `${key}${of} is not known and ignored.`, "key");
    } else body[key] = field;
  }
  return withoutOwn(body, section);
}

function withoutOwn(body: Readonly<Record<string, unknown>>, { diagnostics, path, of }: Section): Record<string, unknown> {
  for (const key of Object.keys(body)) {
    if (ownFields.includes(key)) diagnostics.warn([...path, key], `${key}${of} is filled in by massgen itself and ignored here.`, "key");
  }
  return Object.fromEntries(Object.entries(body).filter(([key]) => !ownFields.includes(key)));
}
