import { existsSync, statSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import type { LayersRequest, NamedFile } from "./config-layers.ts";
import { findConfig } from "./find-config.ts";
import type { Environment } from "./interpolate.ts";
import { outsideSettings, variableOf } from "./outside-settings.ts";

/** Where a run looks for what nobody named. */
export interface Whereabouts {
  /** The current folder. */
  readonly folder: string;
  /** Where the person keeps settings of massgen. */
  readonly configFolder: string;
}

/** What somebody said on the command line of where settings come from. */
export interface Naming {
  readonly config?: string | undefined;
  readonly profile?: string | undefined;
  /** Settings by flag, as they were typed. */
  readonly flags?: Readonly<Record<string, string>>;
}

export interface RunLayers {
  readonly request: LayersRequest;
  /** A line each: which file is used, where that is not the one that was asked for by its path. */
  readonly notices: readonly string[];
}

/** The file that a folder keeps for all who work in it, by its names. */
const projectNames = ["massgen.yaml", "massgen.yml", join(".massgen", "config.yaml")] as const;

/** Whether a config has anything to say in a run at all. */
export function haveSay({ request }: RunLayers): boolean {
  const { files, profile, environment = {} } = request;
  return (
    files.length > 0 || profile !== undefined || Object.keys(outsideSettings).some((flag) => (environment[variableOf(flag)] ?? "") !== "")
  );
}

/**
 * What has a say in a run: the person's own file, the one that was named, else that of the project, the profile, variables and flags.
 * @throws MassgenError `config` where what was named is nowhere
 */
export function runLayers({ config, profile, flags = {} }: Naming, environment: Environment, where: Whereabouts | undefined): RunLayers {
  const variable = (name: string): string | undefined => (environment[name]?.trim() ?? "") || undefined;
  const { files, notices } = runFiles(config ?? variable("MASSGEN_CONFIG"), where);
  // A variable that is set for all runs means nothing to one without any config.
  const name = profile ?? (files.length > 0 ? variable("MASSGEN_PROFILE") : undefined);
  const from = profile === undefined ? "MASSGEN_PROFILE" : "--profile";
  return { request: { files, environment, flags, ...(name !== undefined && { profile: { name, from } }) }, notices };
}

function runFiles(named: string | undefined, where: Whereabouts | undefined) {
  const own = where && userFile(where.configFolder);
  const user: readonly NamedFile[] = own === undefined ? [] : [{ title: "user file", path: own }];
  if (named !== undefined) {
    const { path, notice } = findConfig(named);
    const files: readonly NamedFile[] = [...user, { title: "config file", path }];
    return { files, notices: notice === undefined ? [] : [notice] };
  }
  const project = where && projectFile(where.folder);
  const files: readonly NamedFile[] = project === undefined ? user : [...user, { title: "project file", path: project }];
  return { files, notices: [] };
}

/** The settings that a person keeps for all runs. */
export function userFile(configFolder: string): string | undefined {
  const path = join(configFolder, "config.yaml");
  return isFile(path) ? path : undefined;
}

/** In the folder, else in those above it up to the root of the repository it is in. */
export function projectFile(folder: string): string | undefined {
  const names = foldersUpToRoot(folder).flatMap((above) => projectNames.map((name) => join(above, name)));
  const found = names.find(isFile);
  return found === undefined ? undefined : nearName(found);
}

/** As people here would call it, unless it is far away. */
function nearName(path: string): string {
  const name = relative(process.cwd(), path);
  return name.split(sep).filter((step) => step === "..").length > 2 ? path : name;
}

/** The folder alone where it is in no repository: what lies above might be anybody's. */
function foldersUpToRoot(folder: string): readonly string[] {
  const above: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    above.push(at);
    if (existsSync(join(at, ".git"))) return above;
    if (dirname(at) === at) return [folder];
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
