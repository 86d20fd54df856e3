import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { MassgenError } from "../core/errors.ts";
import { listed } from "../core/listed.ts";
import { isCloudType } from "../models/backends/backends.ts";
import { isServedKind } from "./backend-names.ts";
import { reachOf } from "./base-url.ts";
import type { LayersRequest } from "./config-layers.ts";
import { valueOf } from "./config-tree.ts";
import type { Surroundings } from "./council.ts";
import type { Environment } from "./interpolate.ts";
import type { Examined } from "./load-config.ts";
import { placeOf } from "./place-of.ts";
import type { AgentConfig } from "./schema.ts";

/** A project file that was found, not named, and the agents that a run would have. */
export interface FoundProject {
  readonly request: LayersRequest;
  readonly examined: Examined;
  readonly agents: readonly AgentConfig[];
}

/**
 * A file that merely lies in a folder, as in a repository that somebody cloned, may set times and displays; that it sends questions, files or
 * keys off this machine, or starts programs, takes a yes, which holds as long as the file says the same.
 * @throws MassgenError `config` without that yes
 */
export async function consentToProject(
  found: FoundProject,
  { allow, where, environment }: Surroundings,
  signal: AbortSignal,
): Promise<void> {
  const wish = wishOf(found, environment);
  if (wish === undefined) return;
  const { file, what, fingerprint } = wish;
  const trusted = where === undefined ? {} : readTrusted(where.configFolder);
  const path = resolve(file);
  if (trusted[path] === fingerprint) return;
  if ((await allow(`The project file ${file}, which nobody named, ${what}. Use it?`, signal)) !== true) {
    throw new MassgenError("config", `The project file ${file} ${what}, and nobody has agreed to that.`, {
      hint: `massgen --config ${file} uses it; a yes at the prompt, or --yes, holds until it says something else.`,
    });
  }
  if (where !== undefined) writeTrusted(where.configFolder, { ...trusted, [path]: fingerprint });
}

interface Wish {
  readonly file: string;
  /** `asks api.openai.com and starts programs` */
  readonly what: string;
  /** Of what the file says and where that leads. */
  readonly fingerprint: string;
}

/** Undefined where the project has nothing to say but times, displays and agents on this machine. */
function wishOf({ request, examined, agents }: FoundProject, environment: Environment): Wish | undefined {
  const project = request.files.find(({ title }) => title === "project file");
  if (project === undefined) return undefined;
  const own = examined.layers.layers.filter(({ title }) => title.endsWith("project file") || title.startsWith("profile "));
  if (!own.some(({ tree }) => [...tree.entries.keys()].some((key) => key !== "orchestrator" && key !== "ui"))) return undefined;
  const hosts = [...new Set(agents.flatMap((agent) => hostsOf(agent, environment)))];
  const taken = (examined.config?.attachments ?? []).map(({ path }) => path).filter((path) => isOutside(path, project.path));
  const wishes = [
    ...(hosts.length > 0 ? [`asks ${listed(hosts)}`] : []),
    ...(agents.some(startsPrograms) ? ["starts programs"] : []),
    ...(taken.length > 0 ? [`attaches ${listed(taken)}`] : []),
  ];
  if (wishes.length === 0) return undefined;
  const what = wishes.join(" and ");
  const said = JSON.stringify([own.map(({ tree }) => valueOf(tree)), agents, wishes]);
  return { file: project.path, what, fingerprint: createHash("sha256").update(said).digest("hex") };
}

/** What hears something off this machine: servers of models and of tools. A package says for itself whom it asks where no address is named. */
function hostsOf({ backend, mcp_servers: servers = [] }: AgentConfig, environment: Environment): readonly string[] {
  const isAddressed = !["embedded", "local"].includes(backend.type) && (backend.type !== "ai_sdk" || backend.base_url !== undefined);
  const addresses = [...(isAddressed ? [placeOf(backend, environment).baseUrl] : []), ...servers.flatMap(({ url }) => url ?? [])];
  return addresses.filter((address) => reachOf(address) !== "loopback").map((address) => new URL(address).host);
}

/** Whether a file is none of those beside the project's own, or below; links are followed. */
function isOutside(path: string, projectFile: string): boolean {
  const steps = relative(realPath(dirname(projectFile)), realPath(path)).split(sep);
  return path.startsWith("~") || steps[0] === ".." || isAbsolute(steps[0] ?? "");
}

function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : resolve(path);
}

/** Servers of tools, programs that are agents themselves, packages that are loaded by name. */
function startsPrograms(agent: AgentConfig): boolean {
  const { backend } = agent;
  const known = isCloudType(backend.type) || isServedKind(backend.type) || ["chatcompletion", "embedded", "local"].includes(backend.type);
  return !known || "mcp_servers" in agent || "mcp_servers" in backend;
}

type Trusted = Readonly<Record<string, string>>;

const FILE = "trusted-projects.json";

/** Nothing where nothing was ever agreed to, or the file cannot be read. */
function readTrusted(folder: string): Trusted {
  try {
    return JSON.parse(readFileSync(join(folder, FILE), "utf8")) as Trusted;
  } catch {
    return {};
  }
}

function writeTrusted(folder: string, trusted: Trusted): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, FILE), `${JSON.stringify(trusted, undefined, 2)}\n`, { mode: 0o600 });
}
