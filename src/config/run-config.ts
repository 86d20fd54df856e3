import type { LayersRequest, NamedFile } from "./config-layers.ts";
import type { Surroundings } from "./council.ts";
import { configErrors, remarkLine } from "./diagnostics.ts";
import { type Config, type Examined, examineConfig } from "./load-config.ts";
import { consentToProject } from "./project-consent.ts";
import type { RunLayers } from "./run-files.ts";

/** What configs say of a run. */
export interface RunConfig {
  readonly config: Config;
  /** The file that the agents stand in, and the profile that counted. */
  readonly source: { readonly file?: string; readonly profile?: string };
  readonly notices: readonly { readonly level: "info" | "warning"; readonly text: string }[];
}

export interface RunConfigOptions {
  /** Whether agents come from elsewhere: then those of the files do not count. */
  readonly hasOwnAgents: boolean;
  /** Whether what is ignored is wrong. */
  readonly isStrict: boolean;
}

/**
 * Reads all that has a say in a run, and gets the person's consent where a file that was only found would send the question elsewhere.
 * @throws MassgenError `config` with everything that is wrong, and where there is no consent
 */
export async function runConfig(
  { request, notices }: RunLayers,
  { hasOwnAgents, isStrict }: RunConfigOptions,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<RunConfig> {
  const isNamed = request.files.some(({ title }) => title === "config file");
  const examined = examineConfig(request, surroundings.environment, { needsAgents: isNamed && !hasOwnAgents, isCheck: false });
  const { config, remarks } = examined;
  const wrong = remarks.filter(({ level }) => level === "error" || (isStrict && level === "warning"));
  if (config === undefined || wrong.length > 0) throw configErrors(wrong.map(remarkLine));
  const agents = hasOwnAgents ? [] : config.agents;
  await consentToProject({ request, examined, agents }, surroundings, signal);
  const source = agents.length === 0 ? undefined : sourceOf(request, examined);
  return {
    config: { ...config, agents },
    source: { ...(source && { file: source.path }), ...(request.profile && { profile: request.profile.name }) },
    notices: [
      ...notices.map((text) => ({ level: "info" as const, text })),
      ...request.files.flatMap((file) => announced(file, file === source)),
      ...config.warnings.map((text) => ({ level: "warning" as const, text })),
    ],
  };
}

/** What nobody named is never used in silence. */
function announced({ title, path }: NamedFile, hasCouncil: boolean): RunConfig["notices"] {
  if (title === "config file") return [];
  const text = hasCouncil ? `The council is that of the ${title} ${path}.` : `Settings of the ${title} ${path} count.`;
  return [{ level: "info", text }];
}

/** Of several files with agents the last one's count. */
function sourceOf({ files }: LayersRequest, { layers }: Examined): NamedFile | undefined {
  const last = layers.layers.findLast(({ tree, title }) => tree.entries.has("agents") && files.some((file) => title.endsWith(file.title)));
  return files.find(({ title }) => last?.title.endsWith(title));
}
