import type { Settings } from "../core/facts/settings.ts";
import { promptTexts } from "../core/prompts/texts.ts";
import { readAgents } from "./agents-section.ts";
import { type AttachedPath, readAttachments } from "./attachments-section.ts";
import { type Layers, type LayersRequest, readLayers, stacked } from "./config-layers.ts";
import {
  checkKeys,
  checkShape,
  configErrors,
  createDiagnostics,
  type Diagnostics,
  inOrder,
  type Remark,
  remarkLine,
} from "./diagnostics.ts";
import { type Environment, interpolate, isMapping, isSecretName } from "./interpolate.ts";
import { secretsAmong } from "./keys.ts";
import { laterKeys } from "./later-keys.ts";
import { secretsIn } from "./secrets-in.ts";
import {
  type AgentConfig,
  configKeys,
  type OrchestratorConfig,
  orchestratorSchema,
  settingsOf,
  type UiConfig,
  uiKeys,
  uiSchema,
  votingSchema,
} from "./schema.ts";

/** A council as configured, with every default in place. */
export interface Config {
  readonly agents: readonly AgentConfig[];
  /** Files that go with every question. */
  readonly attachments?: readonly AttachedPath[];
  readonly settings: Settings;
  /** `orchestrator.seed`. */
  readonly seed?: number;
  readonly ui: UiConfig;
  /** Each a line of its own: `council.yaml:3:5: …`. */
  readonly warnings: readonly string[];
  /** The path as given. */
  readonly file?: string;
  /** Never to be shown or stored: keys in the file, and what came from variables that are named like secrets. */
  readonly secrets: readonly string[];
}

/** What there is to say of a config, and the config where nothing is wrong with it. */
export interface Examined {
  readonly config?: Config;
  readonly remarks: readonly Remark[];
  readonly layers: Layers;
}

export interface ExamineOptions {
  /** Whether a config without agents is wrong. */
  readonly needsAgents: boolean;
  /** Whether this is no run: keys that are not on this machine are only warned about. */
  readonly isCheck: boolean;
}

/**
 * Reads a config file and what it extends, and nothing else: JSON where its name ends so, YAML otherwise.
 * @throws MassgenError `config`, with one line `path:line:column: sentence` for everything that is wrong
 */
export async function loadConfig(file: string, environment: Environment, profile?: LayersRequest["profile"]): Promise<Config> {
  return configOf({ files: [{ title: "config file", path: file }], ...(profile && { profile }) }, environment);
}

/** The same for a text that is there already. */
export function readConfig(file: string, text: string, environment: Environment): Config {
  return configOf({ files: [{ title: "config file", path: file, text }] }, environment);
}

/** All that has a say, as one config. Throws as `loadConfig` does. */
export function configOf(request: LayersRequest, environment: Environment, needsAgents = true): Config {
  const { config, remarks } = examineConfig(request, environment, { needsAgents, isCheck: false });
  if (config !== undefined) return config;
  throw configErrors(remarks.filter(({ level }) => level === "error").map(remarkLine));
}

/** The same with everything there is to say of it. Throws only where a file cannot be read as a config at all. */
export function examineConfig(request: LayersRequest, environment: Environment, options: ExamineOptions): Examined {
  const layers = readLayers(request);
  const source = stacked(layers.layers);
  const diagnostics = createDiagnostics(source);
  const { value, missing, secrets } = interpolate(withoutNulls(source.value), environment);
  const config = isMapping(value) ? value : {};
  const agents = readAgents(config, diagnostics, options.needsAgents);
  const attachments = readAttachments(config, diagnostics);
  checkKeys(config, configKeys, { diagnostics, path: [], of: "", later: laterKeys.top });
  const ui = readUi(config, diagnostics);
  const orchestrator = readOrchestrator(config, diagnostics);
  tellMissing(missing, diagnostics, options.isCheck);
  const remarks = inOrder([...layers.remarks, ...diagnostics.remarks()]);
  if (remarks.some(({ level }) => level === "error")) return { remarks, layers };
  const file = request.files.at(-1)?.path;
  return {
    config: {
      agents,
      ...(attachments.length > 0 && { attachments }),
      settings: settingsOf(orchestrator),
      ...(orchestrator.seed === undefined ? {} : { seed: orchestrator.seed }),
      ui,
      warnings: remarks.map(remarkLine),
      ...(file !== undefined && { file }),
      secrets: secretsAmong([...secrets, ...secretsIn(config)]),
    },
    remarks,
    layers,
  };
}

/** What is ignored needs no variable. */
function tellMissing(missing: ReturnType<typeof interpolate>["missing"], diagnostics: Diagnostics, isCheck: boolean): void {
  for (const { variable, path } of missing) {
    if (diagnostics.isIgnored(path)) continue;
    if (isCheck && isSecretName(variable)) diagnostics.warn(path, `The variable ${variable} is not set; a run needs it.`);
    else diagnostics.error(path, `The variable ${variable} is not set (to mean the text itself, write $\${${variable}}).`);
  }
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isMapping(value)) return value;
  const kept = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(kept.map(([key, item]) => [key, key === "extra_body" ? item : withoutNulls(item)]));
}

function readUi(config: Readonly<Record<string, unknown>>, diagnostics: Diagnostics): UiConfig {
  const value = config["ui"] ?? {};
  const section = { diagnostics, path: ["ui"], of: " of ui", later: laterKeys.ui };
  if (isMapping(value)) checkKeys(value, uiKeys, section);
  return checkShape(uiSchema, value, section) ?? uiSchema.parse({});
}

function readOrchestrator(config: Readonly<Record<string, unknown>>, diagnostics: Diagnostics): OrchestratorConfig {
  const value = config["orchestrator"] ?? {};
  const section = { diagnostics, path: ["orchestrator"], of: " of orchestrator", later: laterKeys.orchestrator };
  if (isMapping(value)) {
    checkKeys(value, Object.keys(orchestratorSchema.shape), section);
    for (const [name, known] of [
      ["voting", Object.keys(votingSchema.shape)],
      ["prompts", Object.keys(promptTexts)],
    ] as const) {
      const part = value[name];
      if (isMapping(part)) checkKeys(part, known, { diagnostics, path: ["orchestrator", name], of: ` of ${name}` });
    }
  }
  return checkShape(orchestratorSchema, value, section) ?? orchestratorSchema.parse({});
}
