import { extname } from "node:path";
import type { Settings } from "../core/facts/settings.ts";
import { promptTexts } from "../core/prompts/texts.ts";
import { readAgents } from "./agents-section.ts";
import { checkKeys, checkShape, configErrors, createDiagnostics, type Diagnostics, placeText } from "./diagnostics.ts";
import { type Environment, interpolate, isMapping } from "./interpolate.ts";
import { readTextFile } from "./read-text-file.ts";
import { secretsAmong } from "./keys.ts";
import {
  type AgentConfig,
  type OrchestratorConfig,
  orchestratorSchema,
  settingsOf,
  type UiConfig,
  uiSchema,
  votingSchema,
} from "./schema.ts";
import { parseSource, type Source } from "./yaml-source.ts";

/** A council as configured, with every default in place. */
export interface Config {
  readonly agents: readonly AgentConfig[];
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

/**
 * Reads a config file: JSON where its name ends so, YAML otherwise.
 * @throws MassgenError `config`, with one line `path:line:column: sentence` for everything that is wrong
 */
export async function loadConfig(file: string, environment: Environment): Promise<Config> {
  return readConfig(file, await readTextFile(file, "config file"), environment);
}

/** The same for a text that is there already. */
export function readConfig(file: string, text: string, environment: Environment): Config {
  const parsed = parseSource(text, extname(file).toLowerCase() === ".json" ? "JSON" : "YAML");
  if (parsed.type === "broken") throw configErrors([`${placeText(file, parsed.error)}: ${parsed.error.sentence}`]);
  const { source } = parsed;
  const syntaxWarnings = parsed.warnings.map((flaw) => `${placeText(file, flaw)}: ${flaw.sentence}`);
  const diagnostics = createDiagnostics(file, source);
  const { config, secrets } = preparedValue(file, source, { environment, diagnostics });
  const agents = readAgents(config, diagnostics);
  checkKeys(config, ["agent", "agents", "ui", "display", "orchestrator"], { diagnostics, path: [], of: "" });
  const ui = readUi(config, diagnostics);
  const orchestrator = readOrchestrator(config, diagnostics);
  diagnostics.throwErrors();
  return {
    agents,
    settings: settingsOf(orchestrator),
    ...(orchestrator.seed === undefined ? {} : { seed: orchestrator.seed }),
    ui,
    warnings: [...syntaxWarnings, ...diagnostics.warnings()],
    file,
    secrets: secretsAmong([...secrets, ...agents.flatMap(({ backend }) => (backend.api_key === undefined ? [] : [backend.api_key]))]),
  };
}

/** The mapping at the top, with variables put in and without nulls: a null means the default. */
function preparedValue(
  file: string,
  source: Source,
  { environment, diagnostics }: { readonly environment: Environment; readonly diagnostics: Diagnostics },
): { readonly config: Readonly<Record<string, unknown>>; readonly secrets: readonly string[] } {
  if (source.value === null || source.value === undefined)
    throw configErrors([`${file}: The file is empty; a config needs agent or agents.`]);
  const { value, missing, secrets } = interpolate(withoutNulls(source.value), environment);
  for (const { variable, path } of missing) {
    diagnostics.error(path, `The variable ${variable} is not set (to mean the text itself, write $\${${variable}}).`);
  }
  if (isMapping(value)) return { config: value, secrets };
  throw configErrors([
    `${diagnostics.placeOf([])}: A config is a mapping with agent or agents, not ${Array.isArray(value) ? "a list" : "plain text"}.`,
  ]);
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isMapping(value)) return value;
  const kept = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(kept.map(([key, item]) => [key, key === "extra_body" ? item : withoutNulls(item)]));
}

function readUi(config: Readonly<Record<string, unknown>>, diagnostics: Diagnostics): UiConfig {
  const name = config["ui"] === undefined && config["display"] !== undefined ? "display" : "ui";
  const value = config[name] ?? {};
  if (name === "display") diagnostics.warn(["display"], "display is read as ui, its name in MassGen.", "key");
  else if (config["display"] !== undefined) diagnostics.error(["display"], "display and ui are both there; they mean the same.", "key");
  const section = { diagnostics, path: [name], of: name === "ui" ? " of ui" : " of display" };
  if (isMapping(value)) {
    checkKeys(value, ["display_type", "type", "logging_enabled", "use_orchestrator_for_single_agent"], section);
    if (value["type"] !== undefined) diagnostics.warn([name, "type"], `type${section.of} is read as display_type.`, "key");
  }
  return checkShape(uiSchema, value, section) ?? uiSchema.parse({});
}

function readOrchestrator(config: Readonly<Record<string, unknown>>, diagnostics: Diagnostics): OrchestratorConfig {
  const value = config["orchestrator"] ?? {};
  const section = { diagnostics, path: ["orchestrator"], of: " of orchestrator" };
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
